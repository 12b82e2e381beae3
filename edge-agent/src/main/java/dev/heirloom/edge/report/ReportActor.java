package dev.heirloom.edge.report;

import dev.heirloom.proto.v1.Window;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Sends windows to the control plane, each until it is taken: unconnected → connected, until the
 * control plane says how far it has taken them → sending, a few ahead of the answers. Waits for the
 * disk, so it runs where that is allowed.
 */
public final class ReportActor extends AbstractBehavior<ReportActor.Command> {

  /** What the actor accepts. */
  public sealed interface Command {}

  /** A window ended; its sequence is given to it here. */
  public record Keep(Window.Builder window) implements Command {}

  /**
   * There is a connection.
   *
   * @param send sends over it
   */
  public record Connected(Consumer<Window> send) implements Command {}

  /** The connection is lost. */
  public record Disconnected() implements Command {}

  /** The control plane has taken the windows up to a sequence. */
  public record Taken(long sequence) implements Command {}

  private final WindowJournal journal;
  private Optional<Consumer<Window>> send = Optional.empty();
  private boolean answered;
  private long sent;
  private int unanswered;
  private long late;

  public static Behavior<Command> create(WindowJournal journal) {
    return Behaviors.setup(context -> new ReportActor(context, journal));
  }

  private ReportActor(ActorContext<Command> context, WindowJournal journal) {
    super(context);
    this.journal = journal;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Keep.class, this::onKeep)
        .onMessage(Connected.class, this::onConnected)
        .onMessage(Disconnected.class, this::onDisconnected)
        .onMessage(Taken.class, this::onTaken)
        .build();
  }

  private Behavior<Command> onKeep(Keep keep) {
    journal.add(keep.window());
    sendNext();
    return this;
  }

  private Behavior<Command> onConnected(Connected connected) {
    send = Optional.of(connected.send());
    answered = false;
    sent = 0;
    unanswered = 0;
    late = journal.newest();
    return this;
  }

  private Behavior<Command> onDisconnected(Disconnected lost) {
    send = Optional.empty();
    return this;
  }

  private Behavior<Command> onTaken(Taken taken) {
    journal.taken(taken.sequence());
    if (answered) {
      unanswered = Math.max(0, unanswered - 1);
    }
    answered = true;
    sendNext();
    return this;
  }

  private void sendNext() {
    while (send.isPresent() && answered && unanswered < WindowJournal.MOST_UNANSWERED) {
      Optional<Window> next = journal.after(sent);
      if (next.isEmpty()) {
        return;
      }
      Window window = next.get();
      sent = window.getSequence();
      unanswered++;
      send.get().accept(window.toBuilder().setLate(sent <= late).build());
    }
  }
}
