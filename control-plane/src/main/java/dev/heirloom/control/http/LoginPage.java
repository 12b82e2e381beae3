package dev.heirloom.control.http;

import java.nio.charset.StandardCharsets;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.HttpCookie;
import org.apache.pekko.http.javadsl.model.headers.Location;
import org.apache.pekko.http.javadsl.model.headers.SameSite;
import org.apache.pekko.http.javadsl.model.headers.SetCookie;

/**
 * The form that takes a token, and what it answers. The token itself is the cookie: a browser sends
 * it to this host only, over TLS only, shows it to no script, and not along with what other sites
 * link to.
 */
final class LoginPage {
  private static final String PAGE =
      new String(WebPage.content("login.html"), StandardCharsets.UTF_8);
  private static final String SAID = "<!-- said -->";

  private LoginPage() {}

  static HttpResponse form() {
    return page(StatusCodes.OK, "");
  }

  /** The form once more, with the reason. */
  static HttpResponse refused(StatusCode status, String reason) {
    return page(status, "<p class=\"said\" role=\"alert\">" + escaped(reason) + "</p>");
  }

  private static HttpResponse page(StatusCode status, String said) {
    byte[] content = PAGE.replace(SAID, said).getBytes(StandardCharsets.UTF_8);
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(HttpEntities.create(ContentTypes.TEXT_HTML_UTF8, content));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  static HttpResponse elsewhere(String path, HttpHeader... headers) {
    HttpResponse answer =
        HttpResponse.create().withStatus(StatusCodes.SEE_OTHER).addHeader(Location.create(path));
    for (HttpHeader header : headers) {
      answer = answer.addHeader(header);
    }
    return answer;
  }

  static HttpHeader remember(String token) {
    return SetCookie.create(cookie(token));
  }

  static HttpHeader forget() {
    return SetCookie.create(cookie("").withMaxAge(0));
  }

  private static HttpCookie cookie(String value) {
    return HttpCookie.create(PageGuard.COOKIE, value)
        .withPath("/")
        .withHttpOnly(true)
        .withSecure(true)
        .withSameSite(SameSite.Strict);
  }
}
