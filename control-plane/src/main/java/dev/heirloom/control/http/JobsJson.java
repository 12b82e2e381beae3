package dev.heirloom.control.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobBoard;
import dev.heirloom.actors.job.JobProgress;
import dev.heirloom.actors.job.JobStatus;

/** Jobs as the dashboard reads them. */
final class JobsJson {
  private static final int MOST = 50;

  private JobsJson() {}

  /**
   * Those that are worked on, then those that wait in the order in which they will be, then those
   * that have ended, the newest first.
   */
  static ObjectNode jobs(JobBoard board) {
    ObjectNode all =
        JsonNodeFactory.instance.objectNode().put("idle_trainers", board.idleTrainers());
    ArrayNode list = all.putArray("jobs");
    board.inOrder().stream().limit(MOST).forEach(status -> list.add(job(status)));
    return all;
  }

  static ObjectNode job(JobStatus status) {
    Job job = status.job();
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", job.id())
            .put("teacher", job.spec().teacher().name())
            .put("state", job.state().title())
            .put("ended", job.state().ended())
            .put("running", job.state().running())
            .put("publishing", job.publishing())
            .put("priority", job.priority())
            .put("attempt", job.attempt())
            .put("fruitless", job.fruitless())
            .put("attempts", job.attempts())
            .put("trainer", job.trainer())
            .put("reason", job.reason())
            .put("family", job.family())
            .put("submitted_unix_ms", job.submittedMs())
            .put("changed_unix_ms", job.changedMs());
    JobProgress progress = status.progress();
    if (!progress.equals(JobProgress.NONE)) {
      node.putObject("progress")
          .put("stage", progress.stage())
          .put("done", progress.done())
          .put("total", progress.total())
          .put("left_ms", progress.leftMs())
          .put("loss", progress.loss())
          .put("note", progress.note());
    }
    return node;
  }
}
