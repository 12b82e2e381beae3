package dev.heirloom.inheritance.training;

/** The rule by which gradients change weights. */
public enum Descent {
  /** Stochastic gradient descent with Nesterov momentum 0.9. */
  SGD,
  /** Adam with decoupled weight decay. */
  ADAMW
}
