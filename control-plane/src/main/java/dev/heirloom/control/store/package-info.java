/** What the control plane keeps on disk: families, blobs, and the twins' journal. */
@NullMarked
package dev.heirloom.control.store;

import org.jspecify.annotations.NullMarked;
