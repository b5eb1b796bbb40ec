/** The name mark: a stub with its notch and perforation, and the name in letters of its own. Whoever
 * shows it says the name. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 123 24" width="133" height="26" aria-hidden="true">
      <path
        class="mark-stub"
        d="M2 2h30v6.2a3.8 3.8 0 0 0 0 7.6V22H2v-6.2a3.8 3.8 0 0 0 0-7.6z"
      />
      <path class="mark-cut" d="M23 3.6v16.8" />
      <path
        class="mark-name"
        d="M41.8 11.5a7.6 6.05 0 1 0 15.2 0a7.6 6.05 0 1 0-15.2 0zM62.2 19V7.8m0 6c0-2.9 1.6-4.6 4.2-4.6s4 1.6 4 4.2V19M83.8 11.5c-.4-1.6-1.9-2.3-4-2.3-2.3 0-3.7.7-3.7 2 0 3.3 8 1.3 8 4.3 0 1.4-1.6 2.1-4.1 2.1-2.4 0-4-.7-4.4-2.4M99.6 7.8V19m0-5.6a5.2 4.2 0 1 0-10.4 0a5.2 4.2 0 1 0 10.4 0zM105.2 4V19M110.4 13.6h10.3c0-2.8-2-4.4-5.1-4.4s-5.2 1.7-5.2 4.2 2 4.2 5.2 4.2c2.3 0 4-.7 4.8-2.1"
      />
    </svg>
  );
}
