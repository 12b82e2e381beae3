/** Charts and pages of reports, drawn without a display and read without a network. */
@NullMarked
package dev.heirloom.control.chart;

import org.jspecify.annotations.NullMarked;
