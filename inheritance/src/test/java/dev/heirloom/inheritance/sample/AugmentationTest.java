package dev.heirloom.inheritance.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Normalization;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {

  private static final int SIDE = 5;
  private static final int COUNT = 200;
  private static final List<TensorSpec> FIRST = List.of(floats("image", 3, SIDE, SIDE));
  private static final List<TensorSpec> LAST = List.of(floats("image", SIDE, SIDE, 3));

  @Test
  void readsOptions() throws Exception {
    assertThat(Augmentation.parse("")).isEqualTo(Augmentation.NONE);
    assertThat(Augmentation.parse("crop=4,flip").crop()).isEqualTo(4);
    assertThat(Augmentation.parse("crop=4,flip").flip()).isTrue();
    assertThat(Augmentation.parse("a:b:flip").input()).contains("a:b");
    for (String wrong :
        List.of("crop", "crop=0", "crop=-1", "crop=9999", "flip,flip", "turn", "x:")) {
      assertThatThrownBy(() -> Augmentation.parse(wrong))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("'" + wrong + "'");
    }
  }

  /** Every result is one of the few that moving and mirroring allow, and all of these occur. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cropsAndFlipsInEveryAllowedWayAndNoOther(boolean channelsFirst) throws Exception {
    List<TensorSpec> inputs = channelsFirst ? FIRST : LAST;
    SampleSet samples = samples(inputs);
    String norm = channelsFirst ? "0.5,0.25,0/0.5,0.25,1" : "0.5/0.5";
    Preprocessor plain =
        new Preprocessor(
            Preprocessor.of(samples, inputs, Normalization.parse(List.of(norm))), inputs);
    int[] indices = IntStream.range(0, COUNT).toArray();
    float[] before = batch(plain, samples, indices);
    float[] after =
        batch(Augmentation.parse("crop=1,flip").over(plain, inputs, 5), samples, indices);
    float[] black = {plain.zero("image", 0), plain.zero("image", 1), plain.zero("image", 2)};
    if (!channelsFirst) {
      Arrays.fill(black, plain.zero("image", 0));
    }
    Set<List<Integer>> found = new HashSet<>();
    int size = 3 * SIDE * SIDE;
    for (int i = 0; i < COUNT; i++) {
      float[] image = Arrays.copyOfRange(before, i * size, (i + 1) * size);
      float[] changed = Arrays.copyOfRange(after, i * size, (i + 1) * size);
      List<List<Integer>> ways = ways(image, changed, black, channelsFirst);
      assertThat(ways).as("image %d", i).hasSize(1);
      found.addAll(ways);
    }
    assertThat(found).hasSize(3 * 3 * 2);
  }

  private static List<List<Integer>> ways(
      float[] image, float[] changed, float[] black, boolean channelsFirst) {
    List<List<Integer>> ways = new ArrayList<>();
    for (int down = -1; down <= 1; down++) {
      for (int right = -1; right <= 1; right++) {
        for (int mirrored = 0; mirrored <= 1; mirrored++) {
          if (Arrays.equals(
              moved(image, down, right, mirrored == 1, black, channelsFirst), changed)) {
            ways.add(List.of(down, right, mirrored));
          }
        }
      }
    }
    return ways;
  }

  /** Cuts out of a padded copy, then mirrors. */
  private static float[] moved(
      float[] image, int down, int right, boolean mirrored, float[] black, boolean first) {
    float[] moved = new float[image.length];
    for (int c = 0; c < 3; c++) {
      float[][] padded = new float[SIDE + 2][SIDE + 2];
      for (float[] line : padded) {
        Arrays.fill(line, black[c]);
      }
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          padded[y + 1][x + 1] = image[at(c, y, x, first)];
        }
      }
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          int to = mirrored ? SIDE - 1 - x : x;
          moved[at(c, y, to, first)] = padded[y + 1 + down][x + 1 + right];
        }
      }
    }
    return moved;
  }

  private static int at(int c, int y, int x, boolean channelsFirst) {
    return channelsFirst ? (c * SIDE + y) * SIDE + x : (y * SIDE + x) * 3 + c;
  }

  @Test
  void dependsOnSeedAndSamplesOnly() throws Exception {
    SampleSet samples = samples(FIRST);
    Preprocessor plain = new Preprocessor(Preprocessor.of(samples, FIRST, Map.of()), FIRST);
    Augmentation augmentation = Augmentation.parse("crop=2,flip");
    int[] some = {5, 9, 7, 100};
    float[] first = batch(augmentation.over(plain, FIRST, 1), samples, some);
    Preprocessor again = augmentation.over(plain, FIRST, 1);
    batch(again, samples, new int[] {1, 2, 3});
    assertThat(batch(again, samples, some)).isEqualTo(first);
    assertThat(batch(augmentation.over(plain, FIRST, 2), samples, some)).isNotEqualTo(first);
    assertThat(batch(Augmentation.NONE.over(plain, FIRST, 1), samples, some))
        .isEqualTo(batch(plain, samples, some));
  }

  @Test
  void changesTheNamedInputOnly() throws Exception {
    List<TensorSpec> two = List.of(floats("image", 1, 4, 4), floats("sound", 1, 4, 4));
    SampleSet samples =
        SampleSet.of(1)
            .input("image", ElementType.ELEMENT_TYPE_UINT8, List.of(1L, 4L, 4L), noise(16))
            .input("sound", ElementType.ELEMENT_TYPE_UINT8, List.of(1L, 4L, 4L), noise(16))
            .build();
    Preprocessor plain = new Preprocessor(Preprocessor.of(samples, two, Map.of()), two);
    Augmentation named = Augmentation.parse("image:crop=3");
    named.check(two);
    Preprocessor changed = named.over(plain, two, 3);
    int[] only = {0};
    assertThat(batch(changed, samples, only, "sound"))
        .isEqualTo(batch(plain, samples, only, "sound"));
    assertThat(batch(changed, samples, only)).isNotEqualTo(batch(plain, samples, only));
  }

  @Test
  void refusesWhatIsNoImageOrNotTheOnlyOne() {
    TensorSpec tokens = new TensorSpec("tokens", ElementType.ELEMENT_TYPE_INT64, List.of(-1L, 8L));
    refuses("flip", List.of(tokens), "augmentation: the model takes no images");
    refuses("flip", List.of(floats("x", 20)), "augmentation: the model takes no images");
    refuses("flip", List.of(floats("x", 7, 8, 9)), "augmentation: the model takes no images");
    refuses("other:flip", FIRST, "other is no image input of the model");
    refuses("crop=5", FIRST, "crop of 5 pixels (expected: less than image's 5 × 5)");
    refuses(
        "flip",
        List.of(floats("image", 1, 4, 4), floats("sound", 1, 4, 4)),
        "several inputs may be images: [image, sound]");
  }

  private static void refuses(String option, List<TensorSpec> inputs, String message) {
    assertThatThrownBy(() -> Augmentation.parse(option).check(inputs))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }

  private static float[] batch(Preprocessor preprocessor, SampleSet samples, int[] indices) {
    return batch(preprocessor, samples, indices, "image");
  }

  private static float[] batch(
      Preprocessor preprocessor, SampleSet samples, int[] indices, String input) {
    return Objects.requireNonNull(preprocessor.batch(samples, indices).get(input)).toFloats();
  }

  private static TensorSpec floats(String name, long... dims) {
    List<Long> all = new ArrayList<>(List.of(-1L));
    Arrays.stream(dims).forEach(all::add);
    return new TensorSpec(name, ElementType.ELEMENT_TYPE_FLOAT32, all);
  }

  private static SampleSet samples(List<TensorSpec> inputs) {
    return SampleSet.of(COUNT)
        .input(
            "image",
            ElementType.ELEMENT_TYPE_UINT8,
            inputs.get(0).sampleDims(),
            noise(COUNT * 3 * SIDE * SIDE))
        .build();
  }

  private static ByteBuffer noise(int bytes) {
    byte[] noise = new byte[bytes];
    new SplittableRandom(6).nextBytes(noise);
    return ByteBuffer.wrap(noise);
  }
}
