package gws.simulator.users;

/**
 * A right {@code Authorization} header.
 *
 * @param token the bearer token, or null for name and password
 */
record Credential(User user, String token) {
}
