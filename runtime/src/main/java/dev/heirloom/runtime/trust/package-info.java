/** Who may say what devices install: keys, rosters of keys, and signed releases of manifests. */
@NullMarked
package dev.heirloom.runtime.trust;

import org.jspecify.annotations.NullMarked;
