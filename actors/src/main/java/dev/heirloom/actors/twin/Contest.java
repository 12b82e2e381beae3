package dev.heirloom.actors.twin;

import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * Two agents under one name, while it is not known which of them is alive: the newer one waits, the
 * older one is asked for a sign of life. At most one waits.
 */
final class Contest {
  private DeviceTwin.@Nullable Connect waiting;
  private long number;

  /** Whether somebody waits. */
  boolean open() {
    return waiting != null;
  }

  /** Begins; the question to the older one has this number. */
  long begin(DeviceTwin.Connect newer) {
    waiting = newer;
    number++;
    return number;
  }

  /** The newer one comes again, over another stream. */
  void replace(DeviceTwin.Connect newer) {
    waiting = newer;
  }

  /** Whether it is the question that is open. */
  boolean asks(long question) {
    return waiting != null && question == number;
  }

  /** Whether it is the process that waits. */
  boolean isInstance(long instance) {
    return waiting != null && waiting.hello().instance() == instance;
  }

  /** Whether it is the stream that waits. */
  boolean isSession(ActorRef<ToDevice> session) {
    return waiting != null && waiting.session().equals(session);
  }

  /** Ends; gives who waited. */
  Optional<DeviceTwin.Connect> end() {
    Optional<DeviceTwin.Connect> waited = Optional.ofNullable(waiting);
    waiting = null;
    return waited;
  }
}
