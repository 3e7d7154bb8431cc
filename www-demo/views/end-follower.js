// Keeps a growing list at its end, unless its reader has scrolled up.

const NEAR_PX = 48;

export class EndFollower {
  #scroller;
  #onChange;
  #atEnd = true;
  #lastTop = 0;
  #frame;

  /** @param {(atEnd: boolean) => void} onChange told at every look, so that a page can offer the way back */
  constructor(scroller, onChange = () => {}) {
    this.#scroller = scroller;
    this.#onChange = onChange;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.follow()).observe(scroller);
  }

  /** Call it after something was added. One layout a frame, however often. */
  follow() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      if (this.#atEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight;
      this.#onChange(this.#atEnd);
    });
  }

  toEnd() {
    this.#atEnd = true;
    this.follow();
  }

  /** Only a way up is the reader's own doing: what is added below moves the end away as well. */
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (scrollHeight - clientHeight - scrollTop < NEAR_PX) this.#atEnd = true;
    else if (scrollTop < this.#lastTop) this.#atEnd = false;
    this.#lastTop = scrollTop;
    this.#onChange(this.#atEnd);
  }
}
