package dev.heirloom.actors.view;

import dev.heirloom.actors.fleet.DeviceStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An order of devices in which a list can be gone on with: by one of their figures, then by name.
 *
 * @param key what comes first
 * @param descending whether the largest comes first
 */
public record DeviceOrder(Key key, boolean descending) {

  /** What devices are ordered by. */
  public enum Key {
    NAME("name"),
    DEVICE_CLASS("class"),
    ONLINE("online"),
    LAST_SEEN("last_seen"),
    RUNG("rung"),
    FAMILY("family"),
    P95("p95"),
    PINNED("pinned");

    private final String label;

    Key(String label) {
      this.label = label;
    }
  }

  /** By name. */
  public static final DeviceOrder BY_NAME = new DeviceOrder(Key.NAME, false);

  /** What {@link #parse} takes. */
  public static final String KEYS =
      Arrays.stream(Key.values()).map(key -> key.label).collect(Collectors.joining(", "));

  private static final char LIMIT = '\n';

  /** A place in the order, also of a device that has gone. */
  public record Place(double number, String text, String name) {}

  /** Reads {@code KEY}, or {@code -KEY} for the largest first; nothing is {@link #BY_NAME}. */
  public static Optional<DeviceOrder> parse(String text) {
    boolean descending = text.startsWith("-");
    String label = descending ? text.substring(1) : text;
    return text.isEmpty()
        ? Optional.of(BY_NAME)
        : Arrays.stream(Key.values())
            .filter(key -> key.label.equals(label))
            .map(key -> new DeviceOrder(key, descending))
            .findFirst();
  }

  Place place(DeviceStatus device) {
    return switch (key) {
      case NAME -> new Place(0, "", device.name());
      case DEVICE_CLASS -> new Place(0, device.profile().deviceClass(), device.name());
      case ONLINE -> new Place(device.online() ? 0 : 1, "", device.name());
      case LAST_SEEN -> new Place((double) device.lastSeen().toEpochMilli(), "", device.name());
      case RUNG -> new Place(device.reportedRung(), "", device.name());
      case FAMILY -> new Place(0, device.family().orElse(""), device.name());
      case P95 -> new Place((double) p95Ns(device), "", device.name());
      case PINNED -> new Place(device.pinnedRung(), "", device.name());
    };
  }

  private static long p95Ns(DeviceStatus device) {
    return device.lastWindow().map(window -> window.request().p95Ns()).orElse(0L);
  }

  Comparator<Place> comparator() {
    Comparator<Place> by = Comparator.comparingDouble(Place::number).thenComparing(Place::text);
    Comparator<Place> name = Comparator.comparing(Place::name);
    return key == Key.NAME
        ? (descending ? name.reversed() : name)
        : (descending ? by.reversed() : by).thenComparing(name);
  }

  /** What a list that ends with a device is gone on after. */
  public String token(DeviceStatus last) {
    return token(place(last));
  }

  /** A place as a caller gives it back; by name it is the name. */
  private String token(Place place) {
    if (key == Key.NAME) {
      return place.name();
    }
    String text = place.number() + "" + LIMIT + place.text() + LIMIT + place.name();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The place that a token names; empty where it is none of this order. */
  public Optional<Place> place(String token) {
    if (key == Key.NAME) {
      return Optional.of(new Place(0, "", token));
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
      int first = text.indexOf(LIMIT);
      int last = text.lastIndexOf(LIMIT);
      return first < 0 || first == last
          ? Optional.empty()
          : Optional.of(
              new Place(
                  Double.parseDouble(text.substring(0, first)),
                  text.substring(first + 1, last),
                  text.substring(last + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
