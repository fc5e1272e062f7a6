/** What is known about a diagnostic code. Invariant: `explanation` names the cause, shows an example and the way out. */
export interface CodeInfo {
  readonly title: string;
  /** What `qcc explain` prints: cause, example, way out. */
  readonly explanation: string;
}
