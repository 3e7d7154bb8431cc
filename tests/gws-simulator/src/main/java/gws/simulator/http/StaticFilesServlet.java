package gws.simulator.http;

import gws.simulator.base.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** Serves the files of a page. Nothing is cached, so that a rebuilt package shows at the next reload. */
public final class StaticFilesServlet extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final String INDEX = "index.html";

    private final transient StaticRoots roots;

    public StaticFilesServlet(StaticRoots roots) {
        this.roots = roots;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = Paths.path(request);
        Optional<Path> found = roots.find(path);
        if (found.filter(Files::isDirectory).isPresent()) {
            directory(request, response, path);
        } else {
            send(response, found);
        }
    }

    /** Without the slash at its end, the relative links of the page would lead astray. */
    private void directory(HttpServletRequest request, HttpServletResponse response, String path) throws IOException {
        if (path.endsWith("/")) {
            send(response, roots.find(path + INDEX));
        } else {
            response.sendRedirect(request.getRequestURI() + "/");
        }
    }

    private static void send(HttpServletResponse response, Optional<Path> found) throws IOException {
        Optional<Path> file = found.filter(Files::isRegularFile);
        if (file.isEmpty()) {
            Replies.text(response, HttpServletResponse.SC_NOT_FOUND, "There is no such file.\n");
            return;
        }
        response.setContentType(MimeTypes.of(file.get()));
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setContentLengthLong(Files.size(file.get()));
        Files.copy(file.get(), response.getOutputStream());
    }
}
