package dev.heirloom.inheritance.checkpoint;

import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.runtime.MalformedException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A calibration as a content: shapes by tensor, then the statistics of each layer. */
final class KeptCalibration {
  private static final int MOST = 1 << 24;

  private KeptCalibration() {}

  static void write(DataOutputStream out, Calibration calibration) throws IOException {
    Map<String, List<Long>> shapes = new TreeMap<>(calibration.shapes());
    out.writeInt(shapes.size());
    for (Map.Entry<String, List<Long>> entry : shapes.entrySet()) {
      ContentWriter.text(out, entry.getKey());
      out.writeInt(entry.getValue().size());
      for (long dim : entry.getValue()) {
        out.writeLong(dim);
      }
    }
    out.writeInt(calibration.layers().size());
    for (LayerStatistics layer : calibration.layers()) {
      double[] inputMean = layer.inputMean();
      out.writeInt(inputMean.length);
      ContentWriter.doubles(out, inputMean);
      out.writeInt(layer.outputMean().length);
      ContentWriter.floats(out, layer.outputMean());
      ContentWriter.floats(out, layer.outputDeviation());
      out.writeLong(layer.positions());
    }
  }

  static Calibration read(ContentReader in) throws IOException, MalformedException {
    Map<String, List<Long>> shapes = new TreeMap<>();
    int tensors = in.integer("tensors", 0, MOST);
    for (int i = 0; i < tensors; i++) {
      String name = in.text("tensor");
      int axes = in.integer("axes of " + name, 0, 64);
      List<Long> dims = new ArrayList<>();
      for (int axis = 0; axis < axes; axis++) {
        dims.add(in.number("shape of " + name, 0));
      }
      shapes.put(name, dims);
    }
    List<LayerStatistics> layers = new ArrayList<>();
    int count = in.integer("layers", 0, MOST);
    for (int i = 0; i < count; i++) {
      double[] inputMean = in.doubles("input mean", in.integer("inputs", 0, Integer.MAX_VALUE));
      int outputs = in.integer("outputs", 0, Integer.MAX_VALUE);
      layers.add(
          LayerStatistics.kept(
              inputMean,
              in.floats("output mean", outputs),
              in.floats("output deviation", outputs),
              in.number("positions", 0)));
    }
    return new Calibration(layers, shapes);
  }
}
