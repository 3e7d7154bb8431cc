package gws.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gws.simulator.base.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A browser's worth of HTTP: connections, cookies, requests. */
final class Agent {
    private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).cookieHandler(cookies).build();
    private final String uri;

    Agent(String uri) {
        this.uri = uri;
    }

    HttpClient client() {
        return client;
    }

    static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    void login(String name, String password) {
        assertEquals(200, get("/api/v2/me", "Authorization", basic(name, password)).status());
    }

    String cookie(String name) {
        return cookies.getCookieStore().getCookies().stream().filter(cookie -> cookie.getName().equals(name))
                .map(cookie -> cookie.getValue()).findFirst().orElse(null);
    }

    Reply get(String path, String... headers) {
        return send("GET", path, "", headers);
    }

    Reply post(String path, String body, String... headers) {
        return send("POST", path, body, headers);
    }

    /** An operation on IM sessions: on the collection, or on one when {@code id} is not null. */
    Reply operate(String id, Map<String, Object> body) {
        return post("/api/v2/me/im-sessions" + (id == null ? "" : "/" + id), Json.write(body));
    }

    Reply send(String method, String path, String body, String... headers) {
        try {
            return new Reply(client.send(request(method, path, body, headers), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException failure) {
            throw new IllegalStateException(failure);
        }
    }

    CompletableFuture<Reply> postLater(String path, String body) {
        return client.sendAsync(request("POST", path, body), HttpResponse.BodyHandlers.ofString()).thenApply(Reply::new);
    }

    private HttpRequest request(String method, String path, String body, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(uri + path)).timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json;charset=UTF-8")
                .method(method, body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        return (headers.length == 0 ? builder : builder.headers(headers)).build();
    }
}
