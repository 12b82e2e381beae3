/** What is known of the speed of device classes, kept by one owner. */
@NullMarked
package dev.heirloom.actors.prior;

import org.jspecify.annotations.NullMarked;
