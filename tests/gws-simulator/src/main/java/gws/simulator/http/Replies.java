package gws.simulator.http;

import gws.simulator.base.Json;
import gws.simulator.im.GwsAnswer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.servlet.http.HttpServletResponse;

/** Writes whole answers. */
public final class Replies {
    private Replies() {
    }

    public static void json(HttpServletResponse response, GwsAnswer answer) throws IOException {
        json(response, answer.status(), answer.body());
    }

    public static void json(HttpServletResponse response, int status, Object body) throws IOException {
        write(response, status, "application/json;charset=UTF-8", Json.write(body));
    }

    public static void text(HttpServletResponse response, int status, String body) throws IOException {
        write(response, status, "text/plain;charset=UTF-8", body);
    }

    private static void write(HttpServletResponse response, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType(type);
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }
}
