package gws.simulator.socket;

/** What is done to a WebSocket. */
@FunctionalInterface
interface SocketAction {
    void apply(FaultySocket socket);
}
