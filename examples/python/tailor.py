"""Asks a Heirloom control plane for the heir that suits a device, and writes it as ONNX.

    pip install -r requirements.txt
    python tailor.py localhost:7400 fashion heir.onnx
"""

import hashlib
import os
import pathlib
import sys

import grpc

PROTO = os.environ.get("HEIRLOOM_PROTO") or pathlib.Path(__file__).parents[2] / "proto/src/main/proto"
sys.path.append(str(PROTO))
messages, services = grpc.protos_and_services("heirloom/v1/models.proto")
devices = grpc.protos("heirloom/v1/device.proto")


def tailor(address, family, out):
    request = messages.RecommendRequest(
        family=family,
        profile=devices.DeviceProfile(device_class="pi-4", cores=4, threads=1, memory_bytes=4 << 30),
        limits=devices.Limits(size_bytes=100 << 20),
        only_if_met=True,
    )
    digest = hashlib.sha256()
    part = out + ".part"
    with grpc.insecure_channel(address) as channel, open(part, "wb") as file:
        answer = services.ModelsStub(channel).Tailor(request)
        told = next(answer).recommendation
        if not told.feasible:
            answer.cancel()
            sys.exit(f"no rung meets the budget: {told.reason}")
        heir = next(answer).heir
        for message in answer:
            file.write(message.content)
            digest.update(message.content)
    if digest.digest() != heir.sha256:
        sys.exit("what arrived is not the heir that was promised")
    os.replace(part, out)
    print(f"{out}: rung {told.rung} of {told.family}, accuracy {told.accuracy.expected:.4f}, {told.reason}")


if __name__ == "__main__":
    tailor(*sys.argv[1:4])
