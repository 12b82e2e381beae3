package dev.heirloom.control.store;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.persistence.jdbc.query.javadsl.JdbcReadJournal;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.stream.javadsl.Sink;

/** The names of all entities of a type that the journal knows. */
public final class EntityNames {
  private EntityNames() {}

  /** Every entity that ever persisted something, in no order. */
  public static CompletionStage<List<String>> read(ActorSystem<?> system, EntityTypeKey<?> type) {
    String prefix = type.name() + "|";
    return PersistenceQuery.get(system)
        .getReadJournalFor(JdbcReadJournal.class, JdbcReadJournal.Identifier())
        .currentPersistenceIds()
        .filter(id -> id.startsWith(prefix))
        .map(id -> id.substring(prefix.length()))
        .runWith(Sink.seq(), system);
  }
}
