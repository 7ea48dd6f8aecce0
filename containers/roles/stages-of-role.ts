/** What a process runs by its name, `parser+flattener-2`: itself, or the stages that share it. */
export function stagesOfRole(role: string): string[] {
  return role.replace(/-\d+$/, '').split('+');
}
