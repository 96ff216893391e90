/** `bookio completions`: description. */
import { command } from "../../Command.ts"

export const completions = command({
  path: ["completions"],
  summary: "Prints what completes bookio's commands in a shell",
  doing: "print the completions",
  flags: {},
  args: {
    shell: { kind: "choice", choices: ["bash", "zsh", "fish", "powershell"], required: true, description: "The shell" }
  },
  examples: [
    { does: "For bash, in ~/.bashrc", line: "completions bash >> ~/.bashrc" },
    { does: "For zsh, in a folder of $fpath", line: "completions zsh > ~/.zfunc/_bookio" },
    { does: "For fish", line: "completions fish > ~/.config/fish/completions/bookio.fish" },
    { does: "For PowerShell", line: "completions powershell >> $PROFILE" }
  ]
})
