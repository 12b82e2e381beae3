package dev.heirloom.bench.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Map;

/** Requests of the Open Inference Protocol with float32 values as raw bytes. */
final class RawRequest {
  private RawRequest() {}

  /**
   * A request to a family, for all its outputs.
   *
   * @param inputs one float32 value per input
   */
  static ModelInferRequest.Builder of(Manifest manifest, Map<String, TensorValue> inputs) {
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder().setModelName(manifest.getName());
    inputs.forEach(
        (name, value) -> {
          ModelInferRequest.InferInputTensor.Builder tensor =
              ModelInferRequest.InferInputTensor.newBuilder().setName(name).setDatatype("FP32");
          for (long dim : value.dims()) {
            tensor.addShape(dim);
          }
          request.addInputs(tensor).addRawInputContents(ByteString.copyFrom(value.toLittle()));
        });
    return request;
  }
}
