package dev.heirloom.control.demo;

import java.util.SplittableRandom;

/**
 * Renders labelled grey images of {@link Shape}s at random places, sizes, angles, proportions and
 * contrasts, on uneven backgrounds with stray strokes. Image {@code i} of a seed is always the
 * same.
 */
public final class ShapeRenderer {
  /** Height and width of an image in pixels, as the demo's teacher takes it. */
  public static final int SIDE = 48;

  // Odd multipliers, so that no two images share their draws.
  private static final long OF_SEED = 0xD1342543DE82EF95L;
  private static final long OF_NUMBER = 0x2545F4914F6CDD1DL;

  private final int side;
  private final long seed;
  private final Disturbance disturbance;

  /**
   * @param side height and width of an image in pixels; what is in the image grows with it
   */
  public ShapeRenderer(int side, long seed, Disturbance disturbance) {
    this.side = side;
    this.seed = seed;
    this.disturbance = disturbance;
  }

  /** How many kinds of shapes there are; labels run from 0. */
  public static int classes() {
    return Shape.ALL.size();
  }

  /** Label of the image with this number. */
  public int label(int number) {
    return random(number).nextInt(Shape.ALL.size());
  }

  /** The image with this number: {@code side × side} brightnesses, 0..255, row-major. */
  public byte[] image(int number) {
    SplittableRandom random = random(number);
    Shape shape = Shape.ALL.get(random.nextInt(Shape.ALL.size()));
    float[] image = background(random);
    stroke(image, random);
    draw(image, shape, random);
    noise(image, Draws.between(random, 0.01, 0.04), random);
    disturbance.apply(image, side, random);
    byte[] pixels = new byte[image.length];
    for (int i = 0; i < image.length; i++) {
      pixels[i] = (byte) Math.round(255 * Math.min(1, Math.max(0, image[i])));
    }
    return pixels;
  }

  private SplittableRandom random(int number) {
    return new SplittableRandom(seed * OF_SEED + number * OF_NUMBER);
  }

  /** A level, a slope and a soft wave. */
  private float[] background(SplittableRandom random) {
    double level = Draws.between(random, 0.2, 0.8);
    double slopeX = Draws.between(random, -0.1, 0.1);
    double slopeY = Draws.between(random, -0.1, 0.1);
    double wave = Draws.between(random, 0, 0.04);
    double waveX = Draws.between(random, -0.5, 0.5);
    double waveY = Draws.between(random, -0.5, 0.5);
    double phase = Draws.between(random, 0, 2 * Math.PI);
    float[] image = new float[side * side];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double across = (double) x / side - 0.5;
        double down = (double) y / side - 0.5;
        image[y * side + x] =
            (float)
                (level
                    + slopeX * across
                    + slopeY * down
                    + wave * Math.sin(waveX * x + waveY * y + phase));
      }
    }
    return image;
  }

  /** Up to two thin straight strokes, which mean nothing. */
  private void stroke(float[] image, SplittableRandom random) {
    int strokes = random.nextInt(3);
    for (int s = 0; s < strokes; s++) {
      double angle = Draws.between(random, 0, Math.PI);
      double offset = Draws.between(random, -0.45, 0.45) * side;
      double tone = Draws.between(random, -0.2, 0.2);
      double width = Draws.between(random, 0.6, 1.4);
      double cos = Math.cos(angle);
      double sin = Math.sin(angle);
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          double distance =
              Math.abs((x - side / 2.0) * cos + (y - side / 2.0) * sin - offset) - width / 2;
          image[y * side + x] += (float) (tone * coverage(distance));
        }
      }
    }
  }

  private void draw(float[] image, Shape shape, SplittableRandom random) {
    double radius = Draws.between(random, 0.19, 0.35) * side;
    double room = side / 2.0 - 0.85 * radius;
    double centreX = side / 2.0 + Draws.between(random, -room, room);
    double centreY = side / 2.0 + Draws.between(random, -room, room);
    double angle = Draws.between(random, 0, 2 * Math.PI);
    double stretch = Math.exp(Draws.between(random, -0.16, 0.16));
    double contrast = Draws.between(random, 0.15, 0.5) * (random.nextInt(2) == 0 ? -1 : 1);
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double dx = (x + 0.5 - centreX) / radius;
        double dy = (y + 0.5 - centreY) / radius;
        double along = (dx * cos + dy * sin) * stretch;
        double across = (dy * cos - dx * sin) / stretch;
        double inside = coverage(radius * shape.distance(along, across));
        image[y * side + x] += (float) (contrast * inside);
      }
    }
  }

  private static void noise(float[] image, double deviation, SplittableRandom random) {
    for (int i = 0; i < image.length; i++) {
      image[i] += (float) (deviation * Draws.normal(random));
    }
  }

  /** Share of a pixel that is inside an outline {@code distance} pixels away. */
  private static double coverage(double distance) {
    return Math.min(1, Math.max(0, 0.5 - distance));
  }
}
