package dev.heirloom.runtime.family;

class MemoryBlobStoreTest extends BlobStoreContract {

  @Override
  BlobStore store() {
    return new MemoryBlobStore();
  }
}
