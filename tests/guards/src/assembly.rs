//! Functions of a program as the machine sees them, and their innermost loops.

/// A function of a program.
pub struct Function {
    /// Its name, with what is generic in it.
    pub name: String,
    /// What it does.
    pub instructions: Vec<Instruction>,
}

/// An instruction, in Intel's syntax.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Where it lies.
    pub address: u64,
    /// What it does.
    pub mnemonic: String,
    /// With what.
    pub operands: String,
}

/// The functions of `objdump --disassemble --demangle --no-show-raw-insn -M intel`.
#[must_use]
pub fn functions(listing: &str) -> Vec<Function> {
    let mut functions: Vec<Function> = Vec::new();
    for line in listing.lines() {
        if let Some((_, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            functions.push(Function { name: name.to_owned(), instructions: Vec::new() });
        } else if let (Some(function), Some(instruction)) = (functions.last_mut(), instruction(line)) {
            function.instructions.push(instruction);
        }
    }
    functions
}

/// An address, a colon, a tab, and what is done with what.
fn instruction(line: &str) -> Option<Instruction> {
    let (address, text) = line.trim_start().split_once(":\t")?;
    let address = u64::from_str_radix(address, 16).ok()?;
    let (mnemonic, operands) = text.split_once(' ').unwrap_or((text, ""));
    Some(Instruction { address, mnemonic: mnemonic.to_owned(), operands: operands.trim().to_owned() })
}

impl Function {
    /// The loops without a loop in them: from where a jump goes back to, to the jump.
    #[must_use]
    pub fn innermost_loops(&self) -> Vec<&[Instruction]> {
        let spans: Vec<(usize, usize)> = (0..self.instructions.len())
            .filter_map(|end| {
                Some((self.index(self.instructions[end].jumps_to()?).filter(|&begin| begin <= end)?, end))
            })
            .collect();
        let has_another = |&(begin, end): &(usize, usize)| {
            spans.iter().any(|&other| other != (begin, end) && begin <= other.0 && other.1 <= end)
        };
        spans.iter().filter(|span| !has_another(span)).map(|&(begin, end)| &self.instructions[begin..=end]).collect()
    }

    fn index(&self, address: u64) -> Option<usize> {
        self.instructions.binary_search_by_key(&address, |instruction| instruction.address).ok()
    }
}

impl Instruction {
    /// Where a jump of this function goes.
    fn jumps_to(&self) -> Option<u64> {
        let target = self.operands.split_whitespace().next()?;
        self.mnemonic.starts_with('j').then(|| u64::from_str_radix(target, 16).ok())?
    }

    /// Whether it is a fused multiply-add of such registers.
    #[must_use]
    pub fn is_multiply_add(&self, register: &str) -> bool {
        let fused = self.mnemonic.starts_with("vfmadd") || self.mnemonic.starts_with("vfnmadd");
        fused && self.is_packed() && self.operands.contains(register)
    }

    fn is_packed(&self) -> bool {
        self.mnemonic.ends_with("ps") || self.mnemonic.ends_with("pd")
    }

    /// Whether it brings one value to every lane.
    #[must_use]
    pub fn is_broadcast(&self) -> bool {
        self.mnemonic.starts_with("vbroadcast") || self.operands.contains("{1to")
    }

    /// Whether it calls a function.
    #[must_use]
    pub fn is_call(&self) -> bool {
        self.mnemonic.starts_with("call")
    }

    /// Whether it is arithmetic on a single value.
    #[must_use]
    pub fn is_scalar_arithmetic(&self) -> bool {
        let operation = self.mnemonic.trim_start_matches('v');
        let arithmetic = ["add", "sub", "mul", "div", "sqrt", "fmadd", "fnmadd", "fmsub", "fnmsub"];
        (operation.ends_with("ss") || operation.ends_with("sd"))
            && arithmetic.iter().any(|name| operation.starts_with(name))
    }

    /// Whether it moves a vector to the stack, or from it.
    #[must_use]
    pub fn spills(&self) -> bool {
        self.operands.contains("rsp") && ["xmm", "ymm", "zmm"].iter().any(|register| self.operands.contains(register))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "\
program:     file format elf64-x86-64

0000000000001000 <outer>:
    1000:\tvmovups zmm1,ZMMWORD PTR [rdi]
    1004:\tvfmadd231ps zmm0,zmm1,DWORD PTR [rsi]{1to16}
    1008:\tvbroadcastss zmm2,DWORD PTR [rsi]
    100c:\tjne    1004 <outer+0x4>
    1010:\tvmovups ZMMWORD PTR [rsp+0x40],zmm0
    1014:\tvaddss xmm0,xmm0,xmm1
    1018:\tcall   2000 <inner>
    101c:\tjmp    1000 <outer>

0000000000002000 <inner>:
    2000:\tret
";

    #[test]
    fn loops_are_found_by_their_jumps() {
        let functions = functions(LISTING);
        let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["outer", "inner"]);
        let loops = functions[0].innermost_loops();
        let addresses: Vec<u64> = loops.concat().iter().map(|instruction| instruction.address).collect();
        assert_eq!(addresses, [0x1004, 0x1008, 0x100c]);
        assert!(functions[1].innermost_loops().is_empty());
    }

    #[test]
    fn instructions_are_what_they_do() {
        let functions = functions(LISTING);
        let which = |is: fn(&Instruction) -> bool| {
            let matching = functions[0].instructions.iter().filter(|one| is(one));
            matching.map(|instruction| instruction.address).collect::<Vec<u64>>()
        };
        assert_eq!(which(|one| one.is_multiply_add("zmm")), [0x1004]);
        assert!(which(|one| one.is_multiply_add("ymm")).is_empty());
        assert_eq!(which(Instruction::is_broadcast), [0x1004, 0x1008]);
        assert_eq!(which(Instruction::spills), [0x1010]);
        assert_eq!(which(Instruction::is_scalar_arithmetic), [0x1014]);
        assert_eq!(which(Instruction::is_call), [0x1018]);
    }
}
