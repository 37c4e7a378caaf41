/** Resumes that are allowed before new bytes earn more, and the bytes that do (bar, section 4). */
const RESUMES = 6;
const REFILL_BYTES = 4 * 1024 * 1024;

/** Resumes in a row that each brought less than this are given up, however many the refills allow. */
const FRUITLESS_RESUMES = 20;
const FRUITFUL_BYTES = 1024 * 1024;

/** Decides whether a download that broke off may go on: as long as it gets somewhere. */
export interface ResumeAllowance {
  /** New bytes came. */
  earn(bytes: number): void;
  /**
   * The connection broke; answers how many resumes were used since bytes last earned new ones, from 1, or undefined
   * when it is time to give up.
   */
  spend(): number | undefined;
}

/** A full allowance. */
export function createResumeAllowance(): ResumeAllowance {
  let left = RESUMES;
  let sinceRefill = 0;
  let sinceResume = 0;
  let fruitless = 0;
  return {
    earn(bytes) {
      sinceResume += bytes;
      sinceRefill += bytes;
      if (sinceRefill < REFILL_BYTES) return;
      sinceRefill = 0;
      left = RESUMES;
    },
    spend() {
      fruitless = sinceResume < FRUITFUL_BYTES ? fruitless + 1 : 0;
      sinceResume = 0;
      left -= 1;
      return left < 0 || fruitless > FRUITLESS_RESUMES ? undefined : RESUMES - left;
    },
  };
}
