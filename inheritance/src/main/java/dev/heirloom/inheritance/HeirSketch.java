package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.assembly.Padding;
import dev.heirloom.runtime.assembly.RungLayer;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Assembles heirs of some layers at any ranks, to be measured and thrown away. */
final class HeirSketch {

  private final ModelProto skeleton;
  private final List<DraftLayer> layers;
  private final List<LayerStatistics> statistics;

  HeirSketch(
      Teacher teacher,
      Calibration calibration,
      List<DraftLayer> layers,
      List<LayerStatistics> statistics) {
    this.skeleton =
        Skeleton.of(
            teacher, layers.stream().map(DraftLayer::dense).toList(), calibration.spatial(teacher));
    this.layers = layers;
    this.statistics = statistics;
  }

  static HeirSketch of(Teacher teacher, Calibration calibration, List<Candidate> candidates) {
    return new HeirSketch(
        teacher,
        calibration,
        candidates.stream().map(Candidate::layer).toList(),
        candidates.stream().map(Candidate::statistics).toList());
  }

  /** Elements of the floating-point weights that are not factored. */
  long denseParameters() {
    return skeleton.getGraph().getInitializerList().stream()
        .filter(tensor -> tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE)
        .mapToLong(OnnxTensors::elements)
        .sum();
  }

  /** An heir whose layers have the teacher's bias: for speed. */
  byte[] plain(List<Integer> ranks) throws MalformedException {
    Map<String, RungLayer> assembled = new HashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      put(assembled, layers.get(i), ranks.get(i), StartingPatch.plain(layers.get(i)));
    }
    return assembled(assembled);
  }

  /** An heir whose layers keep the mean of their output: for accuracy. */
  byte[] meanKeeping(List<Integer> ranks) throws MalformedException {
    Map<String, RungLayer> assembled = new HashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      put(
          assembled,
          layers.get(i),
          ranks.get(i),
          StartingPatch.of(layers.get(i), statistics.get(i), ranks.get(i)));
    }
    return assembled(assembled);
  }

  private static void put(
      Map<String, RungLayer> assembled, DraftLayer layer, int rank, PatchLayer patch) {
    assembled.put(layer.pair().name(), new RungLayer(layer.pair().prefix(rank), patch));
  }

  private byte[] assembled(Map<String, RungLayer> assembled) throws MalformedException {
    return HeirAssembler.assemble(skeleton, assembled, Padding.BLOCK).bytes();
  }
}
