/** What a family consists of: manifest, blobs, factor pairs, patches and the ladder. */
@NullMarked
package dev.heirloom.runtime.family;

import org.jspecify.annotations.NullMarked;
