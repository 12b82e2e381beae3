package dev.heirloom.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.runtime.sample.SampleSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShapeRendererTest {
  private static final int SIDE = 32;

  @Test
  void rendersTheSameImagesForTheSameSeed() {
    ShapeRenderer one = new ShapeRenderer(SIDE, 5, new Disturbance.Noise(0.1));
    ShapeRenderer other = new ShapeRenderer(SIDE, 5, new Disturbance.Noise(0.1));

    assertThat(one.image(3)).isEqualTo(other.image(3));
    assertThat(one.image(3)).isNotEqualTo(one.image(4));
  }

  @Test
  void sharesNoImageBetweenSeeds() {
    ShapeRenderer one = new ShapeRenderer(SIDE, 1, new Disturbance.None());
    ShapeRenderer other = new ShapeRenderer(SIDE, 2, new Disturbance.None());

    assertThat(one.image(0)).isNotEqualTo(other.image(0));
  }

  @Test
  void drawsEveryClass() {
    ShapeRenderer renderer = new ShapeRenderer(SIDE, 1, new Disturbance.None());
    Set<Integer> labels = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      labels.add(renderer.label(i));
    }

    assertThat(labels).hasSize(ShapeRenderer.classes());
    assertThat(labels).allMatch(label -> label >= 0 && label < ShapeRenderer.classes());
  }

  @Test
  void disturbsWhatIsSeenAndNotWhatItIs() {
    ShapeRenderer clear = new ShapeRenderer(SIDE, 1, new Disturbance.None());
    ShapeRenderer dark = new ShapeRenderer(SIDE, 1, new Disturbance.Darkness(0.3));

    assertThat(dark.label(7)).isEqualTo(clear.label(7));
    assertThat(brightness(dark.image(7))).isBetween(0.2, 0.4 * brightness(clear.image(7)));
  }

  @Test
  void blurSmoothsAndKeepsBrightness() {
    ShapeRenderer clear = new ShapeRenderer(SIDE, 1, new Disturbance.None());
    ShapeRenderer soft = new ShapeRenderer(SIDE, 1, new Disturbance.Blur(3));

    assertThat(roughness(soft.image(2))).isLessThan(roughness(clear.image(2)) / 2);
    double ratio = brightness(soft.image(2)) / brightness(clear.image(2));
    assertThat(ratio).isBetween(0.97, 1.03);
  }

  @Test
  void makesSamplesOfTheTeachersShape() {
    SampleSet samples = ShapeSamples.render(3, 1, new Disturbance.None());

    assertThat(samples.size()).isEqualTo(3);
    assertThat(samples.dims(ShapeNetwork.INPUT))
        .containsExactly(1, ShapeRenderer.SIDE, ShapeRenderer.SIDE);
    assertThat(samples.labelsPerSample()).isEqualTo(1);
  }

  private static double brightness(byte[] image) {
    double sum = 0;
    for (byte pixel : image) {
      sum += pixel & 0xFF;
    }
    return sum / image.length;
  }

  private static double roughness(byte[] image) {
    double sum = 0;
    for (int i = 1; i < image.length; i++) {
      sum += Math.abs((image[i] & 0xFF) - (image[i - 1] & 0xFF));
    }
    return sum / image.length;
  }
}
