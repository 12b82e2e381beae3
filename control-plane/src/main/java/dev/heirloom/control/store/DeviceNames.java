package dev.heirloom.control.store;

import dev.heirloom.actors.twin.DeviceTwin;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.persistence.jdbc.query.javadsl.JdbcReadJournal;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.stream.javadsl.Sink;

/** The names of all devices that the journal knows. */
public final class DeviceNames {
  private DeviceNames() {}

  /** Every device that was ever enrolled, in no order. */
  public static CompletionStage<List<String>> read(ActorSystem<?> system) {
    String prefix = DeviceTwin.TYPE.name() + "|";
    return PersistenceQuery.get(system)
        .getReadJournalFor(JdbcReadJournal.class, JdbcReadJournal.Identifier())
        .currentPersistenceIds()
        .filter(id -> id.startsWith(prefix))
        .map(id -> id.substring(prefix.length()))
        .runWith(Sink.seq(), system);
  }
}
