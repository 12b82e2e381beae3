package dev.heirloom.actors.rollout;

import dev.heirloom.runtime.family.Digest;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;

/** What a rollout does with published versions. Each may be asked again and again. */
public interface Versions {

  /**
   * Makes devices accept a version whatever they had before: its release becomes the newest of its
   * family, where it is not.
   */
  CompletionStage<Done> permit(Digest manifest);

  /**
   * Makes a version the current one of its family, and lets the devices know.
   *
   * @param before fails where another than this, or the version itself, is the current one
   */
  CompletionStage<Done> makeCurrent(Digest manifest, Digest before);
}
