//! The token against cross-site request forgery: where the protection is switched on, GWS refuses each POST, PUT and DELETE without it.
//!
//! GWS tells the header's name and its value in the headers of its responses, and the token lives and dies with the HTTP session. Another
//! origin sees these headers only if the server exposes them, so that their absence is no error.

/// The response header that names the request header.
const NAME_HEADER: &str = "X-CSRF-HEADER";
/// The response header that has the value; in the documents' sample the request header too.
const VALUE_HEADER: &str = "X-CSRF-TOKEN";
/// What GWS says, with status 403, to a request without the token. Compared without case.
const REFUSAL: &str = "csrf token";
/// Past this a name or value is none that a server would read.
const LONGEST: usize = 4_096;
/// Headers a request needs for itself. A server that names one of them is not obeyed.
const TAKEN: [&str; 4] = ["accept", "authorization", "content-type", "cookie"];

/// A request header that carries the token. It has no `Debug`: the value is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct CsrfToken {
    header: String,
    token: String,
}

impl CsrfToken {
    /// `None` when `header` is no name of a request header or one that a request needs for itself, or `token` is no value of one:
    /// visible ASCII characters, with blanks only inside.
    pub fn new(header: &str, token: &str) -> Option<Self> {
        let (header, token) = (header.trim_ascii(), token.trim_ascii());
        (is_header_name(header) && is_header_value(token)).then(|| Self { header: header.to_owned(), token: token.to_owned() })
    }

    /// What the headers of a response tell, whatever its status; `None` when that is no token, or none that can be sent.
    ///
    /// The value stands in the header of its own name, or in the one that the name points to.
    pub fn read(header: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let name = header(NAME_HEADER);
        let value = header(VALUE_HEADER).or_else(|| header(name.as_deref().filter(|name| is_header_name(name.trim_ascii()))?))?;
        Self::new(name.as_deref().unwrap_or(VALUE_HEADER), &value)
    }

    /// The request header's name.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// Its value.
    pub fn token(&self) -> &str {
        &self.token
    }
}

/// Where the token comes from, and the token. It has no `Debug` either.
#[derive(Clone, PartialEq, Eq)]
pub enum Csrf {
    /// None is sent.
    Off,
    /// The caller has it, and puts it into the headers of each request; what responses tell is not kept.
    Given,
    /// The one that responses told last.
    FromResponses(Option<CsrfToken>),
}

impl Csrf {
    /// Whether none is ever sent.
    pub const fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }

    /// Whether the caller puts it into the headers.
    pub const fn is_given(&self) -> bool {
        matches!(self, Self::Given)
    }

    /// What to send with a POST, PUT or DELETE, beside what the caller sends.
    pub const fn token(&self) -> Option<&CsrfToken> {
        match self {
            Self::FromResponses(token) => token.as_ref(),
            Self::Off | Self::Given => None,
        }
    }

    /// Keeps what a response told. One that told no token changes nothing.
    pub fn told(&mut self, token: Option<&CsrfToken>) {
        if let (Self::FromResponses(current), Some(token)) = (self, token) {
            *current = Some(token.clone());
        }
    }

    /// Drops a token that responses told: the HTTP session it belonged to is over, or the server refused it.
    pub fn forget(&mut self) {
        if let Self::FromResponses(current) = self {
            *current = None;
        }
    }
}

/// Whether an answer refuses a request for want of a valid token, which is not a matter of login. GWS gives no code for it; its text is
/// the only sign.
pub fn is_csrf_refusal(status: u16, text: &str) -> bool {
    let refusal = REFUSAL.as_bytes();
    status == 403 && text.as_bytes().windows(refusal.len()).any(|part| part.eq_ignore_ascii_case(refusal))
}

/// A token of RFC 9110, section 5.6.2.
fn is_header_name(name: &str) -> bool {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(is_valid) && !TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name))
}

fn is_header_value(value: &str) -> bool {
    (1..=LONGEST).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers as a response has them, found without case.
    fn read(csrf: &mut Csrf, headers: &[(&str, &str)]) {
        let header = |name: &str| headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| (*value).to_owned());
        csrf.told(CsrfToken::read(header).as_ref());
    }

    fn sent(csrf: &Csrf) -> Option<(&str, &str)> {
        csrf.token().map(|token| (token.header(), token.token()))
    }

    fn token(header: &str, token: &str) -> CsrfToken {
        CsrfToken::new(header, token).expect("a header")
    }

    #[test]
    fn the_pair_is_read_wherever_the_server_puts_it() {
        for (headers, expected) in [
            (&[("X-CSRF-HEADER", "X-CSRF-TOKEN"), ("X-CSRF-TOKEN", "54a84e2a")][..], ("X-CSRF-TOKEN", "54a84e2a")),
            (&[("x-csrf-header", "X-Other"), ("x-csrf-token", "54a84e2a")], ("X-Other", "54a84e2a")),
            (&[("X-CSRF-HEADER", "X-Other"), ("X-Other", "54a84e2a")], ("X-Other", "54a84e2a")),
            (&[("X-CSRF-TOKEN", "54a84e2a")], ("X-CSRF-TOKEN", "54a84e2a")),
            (&[("X-CSRF-HEADER", " X-CSRF-TOKEN "), ("X-CSRF-TOKEN", " a b ")], ("X-CSRF-TOKEN", "a b")),
        ] {
            let mut csrf = Csrf::FromResponses(None);
            read(&mut csrf, headers);
            assert_eq!(sent(&csrf), Some(expected));
        }
    }

    #[test]
    fn a_response_that_tells_nothing_usable_changes_nothing() {
        let long = "x".repeat(LONGEST + 1);
        for headers in [
            &[][..],
            &[("X-CSRF-HEADER", "X-CSRF-TOKEN")],
            &[("X-CSRF-HEADER", "Authorization"), ("X-CSRF-TOKEN", "new")],
            &[("X-CSRF-HEADER", "content-type"), ("Content-Type", "text/html")],
            &[("X-CSRF-HEADER", "X A"), ("X-CSRF-TOKEN", "new")],
            &[("X-CSRF-HEADER", "X:\r\nY"), ("X-CSRF-TOKEN", "new")],
            &[("X-CSRF-HEADER", ""), ("X-CSRF-TOKEN", "new")],
            &[("X-CSRF-HEADER", &long), ("X-CSRF-TOKEN", "new")],
            &[("X-CSRF-HEADER", "X-CSRF-TOKEN"), ("X-CSRF-TOKEN", "a\r\nCookie: b")],
            &[("X-CSRF-HEADER", "X-CSRF-TOKEN"), ("X-CSRF-TOKEN", "é")],
            &[("X-CSRF-HEADER", "X-CSRF-TOKEN"), ("X-CSRF-TOKEN", "")],
            &[("X-CSRF-HEADER", "X-CSRF-TOKEN"), ("X-CSRF-TOKEN", &long)],
        ] {
            for before in [None, Some(token("X-CSRF-TOKEN", "old"))] {
                let mut csrf = Csrf::FromResponses(before.clone());
                read(&mut csrf, headers);
                assert!(csrf == Csrf::FromResponses(before), "{headers:?}");
            }
        }
    }

    #[test]
    fn a_new_session_brings_a_new_token() {
        let mut csrf = Csrf::FromResponses(None);
        read(&mut csrf, &[("X-CSRF-HEADER", "X-CSRF-TOKEN"), ("X-CSRF-TOKEN", "old")]);
        read(&mut csrf, &[("X-CSRF-HEADER", "X-CSRF-TOKEN"), ("X-CSRF-TOKEN", "new")]);
        assert_eq!(sent(&csrf), Some(("X-CSRF-TOKEN", "new")));
        csrf.forget();
        assert_eq!(sent(&csrf), None);
    }

    #[test]
    fn what_the_caller_decided_stays() {
        for mut csrf in [Csrf::Off, Csrf::Given] {
            let before = csrf.clone();
            read(&mut csrf, &[("X-CSRF-TOKEN", "told")]);
            csrf.forget();
            assert!(csrf == before);
            assert_eq!(sent(&csrf), None);
        }
    }

    #[test]
    fn a_refusal_is_told_from_a_missing_login() {
        assert!(is_csrf_refusal(403, "Missing or invalid Csrf token"));
        assert!(is_csrf_refusal(403, r#"{"statusCode":3,"statusMessage":"Missing or invalid CSRF token"}"#));
        assert!(!is_csrf_refusal(401, "Missing or invalid Csrf token"));
        assert!(!is_csrf_refusal(403, r#"{"statusCode":20,"statusMessage":"Access denied"}"#));
        assert!(!is_csrf_refusal(403, ""));
    }
}
