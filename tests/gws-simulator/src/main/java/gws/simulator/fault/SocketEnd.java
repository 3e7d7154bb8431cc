package gws.simulator.fault;

/** Hears what becomes of the connection of a WebSocket. */
public interface SocketEnd {
    /** The upgrade has been answered; no frame has been read yet. */
    void opened();

    /** The connection is closed, or the client has closed its side of it. May come more than once. */
    void gone();
}
