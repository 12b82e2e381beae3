/** What an unfinished inheritance keeps on disk, so that it can go on after whatever ended it. */
@NullMarked
package dev.heirloom.inheritance.checkpoint;

import org.jspecify.annotations.NullMarked;
