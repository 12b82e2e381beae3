package dev.heirloom.control.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;

/**
 * One file of the dashboard, from this program's own resources, so that a site without a network
 * works.
 *
 * @param path where it is served, without the leading slash; empty for the page itself
 * @param answer the file
 */
record WebPage(String path, HttpResponse answer) {

  /** Every file of the dashboard, without those of {@link #ofLogin}. */
  static List<WebPage> all() {
    return List.of(
        new WebPage("", file("index.html", ContentTypes.TEXT_HTML_UTF8)),
        new WebPage(
            "app.js", file("app.js", ContentTypes.parse("text/javascript; charset=utf-8"))));
  }

  /** What the form for a token is drawn with. */
  static List<WebPage> ofLogin() {
    return List.of(
        new WebPage("app.css", file("app.css", ContentTypes.parse("text/css; charset=utf-8"))),
        new WebPage("favicon.svg", file("favicon.svg", MediaTypes.IMAGE_SVG_XML.toContentType())));
  }

  private static HttpResponse file(String name, ContentType type) {
    return HttpResponse.create().withEntity(HttpEntities.create(type, content(name)));
  }

  /** A file as it is. */
  static byte[] content(String name) {
    try (InputStream content = WebPage.class.getResourceAsStream("web/" + name)) {
      if (content == null) {
        throw new IllegalStateException("web/" + name + ": missing from the class path");
      }
      return content.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
