package dev.heirloom.control.http;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * Whether a request that changes something comes from the dashboard itself and not, through an
 * operator's browser, from another site. A browser does not let another site set {@link #HEADER}
 * without asking first, which is answered by no; says of each POST where it comes from; and shows
 * by the host's name where a site's name was pointed at this machine.
 */
final class SameSite {
  static final String HEADER = "X-Heirloom";

  // An address, or localhost: neither can be another site's name.
  private static final Pattern HOST =
      Pattern.compile("(localhost|[0-9.]{7,15}|\\[[0-9a-fA-F:.]{2,45}])(:\\d{1,5})?");

  private SameSite() {}

  /**
   * Why a request is refused; empty where it is not.
   *
   * @param open whether it is served by a control plane that asks nobody who he is, so that a site
   *     whose name points at this machine must be told from it; elsewhere such a site has no cookie
   *     to show
   */
  static Optional<String> refusal(HttpRequest request, boolean open) {
    if (header(request, HEADER).isEmpty()) {
      return Optional.of(HEADER + ": missing");
    }
    String host = header(request, "Host").orElse("");
    if (open && !HOST.matcher(host).matches()) {
      return Optional.of("Host: '" + host + "' (expected: an address, or localhost)");
    }
    Optional<String> site = header(request, "Sec-Fetch-Site");
    if (site.filter(from -> !from.equals("same-origin")).isPresent()) {
      return Optional.of("Sec-Fetch-Site: " + site.get() + " (expected: same-origin)");
    }
    Optional<String> origin = header(request, "Origin");
    return origin
        .filter(from -> !host.equals(authority(from)))
        .map(from -> "Origin: " + from + " (expected: this site)");
  }

  /**
   * Why a form is refused; empty where it is not. A browser tells a form's origin as {@code null}
   * where the page tells no referrer, as ours do not.
   */
  static Optional<String> refusal(HttpRequest form) {
    Optional<String> site = header(form, "Sec-Fetch-Site");
    if (site.isPresent()) {
      return site.filter(from -> !from.equals("same-origin"))
          .map(from -> "the form came from another site (Sec-Fetch-Site: " + from + ")");
    }
    String host = header(form, "Host").orElse("");
    return header(form, "Origin")
        .filter(from -> !from.equals("null") && !host.equals(authority(from)))
        .map(from -> "the form came from another site (Origin: " + from + ")");
  }

  private static String authority(String origin) {
    try {
      return String.valueOf(URI.create(origin).getRawAuthority());
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static Optional<String> header(HttpRequest request, String name) {
    return request.getHeader(name).map(HttpHeader::value);
  }
}
