/**
 * Writes to standard output, resolving when the text is taken. A reader that has gone away (`| head`) ends the process
 * quietly, as it does with other filters.
 */
export function writeStdout(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) resolve();
      else if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0);
      else reject(error);
    });
  });
}
