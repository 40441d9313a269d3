/** A hundred years. */
export const longestRetentionDays = 36_500;
