//! Dimensions: numbers, and expressions that only the compiler can evaluate.

use core::fmt;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{BinOp, Expr, Stmt, UnOp};

use crate::errors::Mistake;
use crate::syntax::is_name;
use crate::text::text;

/// More values than any memory holds: what is below is added and aligned without overflow.
const MOST: u64 = 1 << 40;

/// A size.
#[derive(Clone, Debug)]
pub enum Dim {
    Literal(usize),
    /// `tokens + offset`: numbers that are added one after the other are one number.
    Expression {
        tokens: TokenStream,
        binds: Binds,
        offset: isize,
    },
}

/// How tightly an expression holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binds {
    Loosely,
    Sum,
    /// A whole quotient: `a * (b / c)` is not `a * b / c`.
    Quotient,
    Product,
    Atom,
}

impl Dim {
    /// An expression that needs no parentheses.
    pub fn atom(tokens: TokenStream) -> Self {
        Self::Expression { tokens, binds: Binds::Atom, offset: 0 }
    }

    pub fn literal(&self) -> Option<usize> {
        match self {
            Self::Literal(n) => Some(*n),
            Self::Expression { .. } => None,
        }
    }

    /// The parameter of the declaration that it is, with nothing added.
    pub fn parameter(&self, generics: &[Ident]) -> Option<Ident> {
        let Self::Expression { tokens, offset: 0, .. } = self else { return None };
        let name = syn::parse2::<Ident>(unwrapped(tokens)).ok()?;
        generics.contains(&name).then_some(name)
    }

    /// Whether a parameter of the declaration stands in it.
    pub fn mentions(&self, generics: &[Ident]) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Expression { tokens, .. } => mentions(tokens, generics),
        }
    }

    /// Whether it is this number.
    pub fn is(&self, n: usize) -> bool {
        self.literal() == Some(n)
    }

    /// Whether so many values can lie in memory, as far as the macro can tell.
    pub fn fits_memory(&self) -> bool {
        self.literal().is_none_or(|n| (n as u64) < MOST)
    }

    /// Whether both are certainly the same.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal(a), Self::Literal(b)) => a == b,
            (Self::Expression { offset: a, .. }, Self::Expression { offset: b, .. }) => {
                a == b && self.base_text() == other.base_text()
            }
            _ => false,
        }
    }

    /// An expression without its offset, as people write it.
    fn base_text(&self) -> String {
        match self {
            Self::Literal(n) => n.to_string(),
            Self::Expression { tokens, .. } => text(tokens),
        }
    }

    /// An operator between two operands, which binds like its result.
    fn of(a: &Self, operator: TokenStream, b: &Self, [left, right, binds]: [Binds; 3], offset: isize) -> Self {
        let span = a.or_span(b);
        let operator: TokenStream = operator.into_iter().map(|token| respanned(token, span)).collect();
        let (a, b) = (a.operand(left, span), b.operand(right, span));
        Self::Expression { tokens: quote!(#a #operator #b), binds, offset }
    }

    /// `None` if the product of two numbers does not fit a `usize`.
    pub fn times(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Literal(a), Self::Literal(b)) => Self::Literal(a.checked_mul(*b)?),
            (Self::Literal(1), dim) | (dim, Self::Literal(1)) => dim.clone(),
            (a, b) => Self::of(a, quote!(*), b, [Binds::Product; 3], 0),
        })
    }

    /// `n` times it, the offset too: `2 * (N + 1)` is `2 * N + 2`.
    pub fn scaled(&self, n: &Self) -> Option<Self> {
        match (self, n) {
            (Self::Expression { tokens, binds, offset }, Self::Literal(factor)) => {
                let base = Self::Expression { tokens: tokens.clone(), binds: *binds, offset: 0 };
                n.times(&base)?.offset(offset.checked_mul(isize::try_from(*factor).ok()?)?)
            }
            _ => self.times(n),
        }
    }

    pub fn plus(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Literal(a), Self::Literal(b)) => Self::Literal(a.checked_add(*b)?),
            (Self::Literal(n), dim) | (dim, Self::Literal(n)) => dim.offset(isize::try_from(*n).ok()?)?,
            (a, b) => {
                let offset = a.constant()?.checked_add(b.constant()?)?;
                Self::of(&a.base(), quote!(+), &b.base(), [Binds::Sum; 3], offset)
            }
        })
    }

    /// `None` if the difference of two numbers is negative.
    pub fn minus(&self, other: &Self) -> Option<Self> {
        if let (Self::Literal(a), Self::Literal(b)) = (self, other) {
            return a.checked_sub(*b).map(Self::Literal);
        }
        let constant = self.constant()?.checked_sub(other.constant()?)?;
        let binds = [Binds::Sum, Binds::Quotient, Binds::Sum];
        match (self, other) {
            (dim, Self::Literal(n)) => dim.offset(-isize::try_from(*n).ok()?),
            // What is added stands first, so that nothing on the way is negative if the whole is not.
            (Self::Literal(_), dim) => {
                let rest = usize::try_from(constant).map_or_else(|_| self.clone(), Self::Literal);
                let taken = if constant < 0 { dim.clone() } else { dim.base() };
                Some(Self::of(&rest, quote!(-), &taken, binds, 0))
            }
            (a, b) if a.base_text() == b.base_text() => usize::try_from(constant).ok().map(Self::Literal),
            (a, b) if constant > 0 => Some(Self::of(&a.base().offset(constant)?, quote!(-), &b.base(), binds, 0)),
            (a, b) => Some(Self::of(&a.base(), quote!(-), &b.base(), binds, constant)),
        }
    }

    /// The whole quotient; `None` if a number would be divided by zero.
    pub fn over(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Literal(a), Self::Literal(b)) => Self::Literal(a.checked_div(*b)?),
            (dim, Self::Literal(1)) => dim.clone(),
            (_, Self::Literal(0)) => return None,
            (a, b) => Self::of(a, quote!(/), b, [Binds::Quotient, Binds::Atom, Binds::Quotient], 0),
        })
    }

    /// The quotient, rounded up; `None` if a number would be divided by zero.
    pub fn over_up(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (_, Self::Literal(0)) => return None,
            (Self::Literal(a), Self::Literal(b)) => Self::Literal(a.div_ceil(*b)),
            (dim, Self::Literal(1)) => dim.clone(),
            (Self::Literal(_), b) => b.minus(&Self::Literal(1))?.plus(self)?.over(b)?,
            (a, b) => {
                let span = a.or_span(b);
                let a = a.operand(Binds::Atom, span);
                Self::atom(quote_spanned!(span=> #a.div_ceil(#b)))
            }
        })
    }

    /// So much more, or less; `None` if that is certainly no size.
    pub fn offset(&self, more: isize) -> Option<Self> {
        Some(match self {
            Self::Literal(n) => Self::Literal(n.checked_add_signed(more)?),
            Self::Expression { tokens, binds, offset } => {
                Self::Expression { tokens: tokens.clone(), binds: *binds, offset: offset.checked_add(more)? }
            }
        })
    }

    /// The number in it, or that is added to it.
    pub fn constant(&self) -> Option<isize> {
        match self {
            Self::Literal(n) => isize::try_from(*n).ok(),
            Self::Expression { offset, .. } => Some(*offset),
        }
    }

    /// An expression without its offset.
    fn base(&self) -> Self {
        match self {
            Self::Literal(_) => self.clone(),
            Self::Expression { tokens, binds, .. } => {
                Self::Expression { tokens: tokens.clone(), binds: *binds, offset: 0 }
            }
        }
    }

    pub fn product<'a>(dims: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        dims.into_iter().try_fold(Self::Literal(1), |product, dim| product.times(dim))
    }

    /// The whole expression, and how tightly it holds together.
    fn whole(&self, span: Span) -> (TokenStream, Binds) {
        let literal = |n: usize| {
            let mut literal = Literal::usize_unsuffixed(n);
            literal.set_span(span);
            literal.into_token_stream()
        };
        match self {
            Self::Literal(n) => (literal(*n), Binds::Atom),
            Self::Expression { tokens, binds, offset: 0 } => (tokens.clone(), *binds),
            Self::Expression { tokens, binds, offset } => {
                let tokens = if *binds < Binds::Sum { quote_spanned!(span=> (#tokens)) } else { tokens.clone() };
                let number = literal(offset.unsigned_abs());
                let sum = if *offset < 0 {
                    quote_spanned!(span=> #tokens - #number)
                } else {
                    quote_spanned!(span=> #tokens + #number)
                };
                (sum, Binds::Sum)
            }
        }
    }

    /// Beside an operator, in parentheses if it needs them.
    fn operand(&self, operator: Binds, span: Span) -> TokenStream {
        let (tokens, binds) = self.whole(span);
        if binds < operator { quote_spanned!(span=> (#tokens)) } else { tokens }
    }

    /// Where an expression stands in the source.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Literal(_) => None,
            Self::Expression { tokens, .. } => tokens.clone().into_iter().next().map(|token| token.span()),
        }
    }

    /// Where messages about an operation on the two should point.
    fn or_span(&self, other: &Self) -> Span {
        self.span().or_else(|| other.span()).unwrap_or_else(Span::call_site)
    }

    /// As a generic argument: `128`, `{ HIDDEN }`. In braces even a constant with the name of a generic parameter is a
    /// constant.
    pub fn generic(&self) -> TokenStream {
        match self {
            Self::Literal(_) => quote!(#self),
            Self::Expression { .. } => quote!({ #self }),
        }
    }
}

/// Without braces and parentheses around it.
fn unwrapped(tokens: &TokenStream) -> TokenStream {
    let mut inside = tokens.clone().into_iter();
    match (inside.next(), inside.next()) {
        (Some(TokenTree::Group(group)), None) => unwrapped(&group.stream()),
        _ => tokens.clone(),
    }
}

fn mentions(tokens: &TokenStream, names: &[Ident]) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(word) => names.contains(&word),
        TokenTree::Group(group) => mentions(&group.stream(), names),
        _ => false,
    })
}

fn respanned(mut token: TokenTree, span: Span) -> TokenTree {
    token.set_span(span);
    token
}

impl ToTokens for Dim {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(n) => Literal::usize_unsuffixed(*n).to_tokens(tokens),
            Self::Expression { .. } => tokens.extend(self.whole(self.or_span(self)).0),
        }
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(n) => n.fmt(f),
            Self::Expression { .. } => f.write_str(&text(self)),
        }
    }
}

/// A dimension: a whole number from 1, or a `usize` const expression.
pub fn dimension(value: &TokenStream) -> Result<Dim, Mistake> {
    whole(value, "a dimension", 1)
}

/// A whole number from `least`, or a `usize` const expression.
pub fn whole(value: &TokenStream, what: &str, least: usize) -> Result<Dim, Mistake> {
    refuse_generated_types(value)?;
    let dim = syn::parse2::<Expr>(value.clone()).ok().and_then(|expression| evaluated(&expression));
    dim.filter(|dim| dim.literal().is_none_or(|n| n >= least)).ok_or_else(|| {
        let found = text(value);
        Mistake::new(format!("{what} is a whole number from {least} or a const expression, found `{found}`"))
    })
}

/// Arithmetic of literals is done here, so that shapes stay numbers as long as they can; `None` for what cannot be a size.
fn evaluated(expression: &Expr) -> Option<Dim> {
    let as_it_is = |binds| Some(Dim::Expression { tokens: expression.to_token_stream(), binds, offset: 0 });
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Int(int) if matches!(int.suffix(), "" | "usize") => int.base10_parse().ok().map(Dim::Literal),
            _ => None,
        },
        Expr::Paren(inner) => evaluated(&inner.expr),
        Expr::Group(inner) => evaluated(&inner.expr),
        Expr::Block(block) if block.label.is_none() => match &block.block.stmts[..] {
            [] => None,
            [Stmt::Expr(inner, None)] => evaluated(inner),
            _ => as_it_is(Binds::Loosely),
        },
        Expr::Binary(binary) => match (evaluated(&binary.left)?, evaluated(&binary.right)?) {
            (Dim::Literal(a), Dim::Literal(b)) if is_arithmetic(&binary.op) => {
                arithmetic(a, &binary.op, b).map(Dim::Literal)
            }
            _ if matches!(binary.op, BinOp::Add(_)) => as_it_is(Binds::Sum),
            _ if matches!(binary.op, BinOp::Mul(_)) => as_it_is(Binds::Product),
            _ => as_it_is(Binds::Loosely),
        },
        _ if begins_with_keyword(expression) => None,
        Expr::Path(_) | Expr::Call(_) | Expr::MethodCall(_) | Expr::Index(_) | Expr::Field(_) | Expr::Macro(_) => {
            as_it_is(Binds::Atom)
        }
        Expr::Unary(unary) if !matches!(unary.op, UnOp::Neg(_)) => as_it_is(Binds::Loosely),
        Expr::Cast(_) | Expr::If(_) | Expr::Match(_) | Expr::Const(_) => as_it_is(Binds::Loosely),
        _ => None,
    }
}

/// Whether a keyword stands where a name should, as in `crate[0]`.
fn begins_with_keyword(expression: &Expr) -> bool {
    match expression {
        Expr::Path(path) => path.path.get_ident().is_some_and(|word| !is_name(word)),
        Expr::Index(index) => begins_with_keyword(&index.expr),
        Expr::Field(field) => begins_with_keyword(&field.base),
        Expr::Call(call) => begins_with_keyword(&call.func),
        Expr::MethodCall(call) => begins_with_keyword(&call.receiver),
        _ => false,
    }
}

/// Whether [`arithmetic`] knows the operator; the compiler knows the others, such as `1 << 4`.
fn is_arithmetic(operator: &BinOp) -> bool {
    matches!(operator, BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_))
}

/// What an operator makes of two numbers; `None` if that is no size.
fn arithmetic(a: usize, operator: &BinOp, b: usize) -> Option<usize> {
    match operator {
        BinOp::Add(_) => a.checked_add(b),
        BinOp::Sub(_) => a.checked_sub(b),
        BinOp::Mul(_) => a.checked_mul(b),
        BinOp::Div(_) => a.checked_div(b),
        BinOp::Rem(_) => a.checked_rem(b),
        _ => None,
    }
}

/// The generic parameters of the generated code, which an expression would name instead of a type of the user's.
const GENERATED_TYPES: [&str; 5] = ["T", "B", "S", "L", "Self"];

/// A constant may have the name of a generic parameter, but in `T::SIZE` and `size_of::<T>()` that is a type.
pub fn refuse_generated_types(expression: &TokenStream) -> Result<(), Mistake> {
    let mut before = None;
    let mut tokens = expression.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Group(group) => refuse_generated_types(&group.stream())?,
            TokenTree::Ident(word) if GENERATED_TYPES.iter().any(|ty| word == ty) => {
                let path = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':');
                if path || before == Some('<') || word == "Self" {
                    return Err(Mistake::new(format!("the type `{word}` is another one within the network"))
                        .help("give the expression a name outside: `const WIDTH: usize = …;`")
                        .at(word.span()));
                }
            }
            _ => {}
        }
        before = if let TokenTree::Punct(punct) = &token { Some(punct.as_char()) } else { None };
    }
    Ok(())
}
