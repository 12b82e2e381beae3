package dev.heirloom.control.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobBoard;
import dev.heirloom.actors.job.JobProgress;
import dev.heirloom.actors.job.JobStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Jobs as the dashboard reads them. */
final class JobsJson {
  private static final int MOST = 50;

  private JobsJson() {}

  /** The newest, the newest first. */
  static ObjectNode jobs(JobBoard board) {
    List<JobStatus> newest = new ArrayList<>(board.all());
    Collections.reverse(newest);
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    ArrayNode list = all.putArray("jobs");
    newest.stream().limit(MOST).forEach(status -> list.add(job(status)));
    return all;
  }

  private static ObjectNode job(JobStatus status) {
    Job job = status.job();
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", job.id())
            .put("teacher", job.spec().teacher().name())
            .put("state", job.state().title())
            .put("ended", job.state().ended())
            .put("attempt", job.attempt())
            .put("trainer", job.trainer())
            .put("reason", job.reason())
            .put("family", job.family())
            .put("changed_unix_ms", job.changedMs());
    JobProgress progress = status.progress();
    if (!progress.equals(JobProgress.NONE)) {
      node.putObject("progress")
          .put("stage", progress.stage())
          .put("done", progress.done())
          .put("total", progress.total())
          .put("loss", progress.loss());
    }
    return node;
  }
}
