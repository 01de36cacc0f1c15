//! Dimensions: numbers, and expressions that only the compiler can evaluate.

use core::fmt;

use proc_macro2::{Literal, Span, TokenStream, TokenTree};
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
    Expression { tokens: TokenStream, binds: Binds },
}

/// How tightly an expression holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binds {
    Loosely,
    Sum,
    Product,
    Atom,
}

impl Dim {
    pub fn literal(&self) -> Option<usize> {
        match self {
            Self::Literal(n) => Some(*n),
            Self::Expression { .. } => None,
        }
    }

    /// Whether so many values can lie in memory, as far as the macro can tell.
    pub fn fits_memory(&self) -> bool {
        self.literal().is_none_or(|n| (n as u64) < MOST)
    }

    /// `None` if the product of two numbers does not fit a `usize`.
    pub fn times(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Literal(a), Self::Literal(b)) => Self::Literal(a.checked_mul(*b)?),
            (Self::Literal(1), dim) | (dim, Self::Literal(1)) => dim.clone(),
            (a, b) => {
                let span = a.or_span(b);
                let (a, b) = (a.operand(Binds::Product, span), b.operand(Binds::Product, span));
                Self::Expression { tokens: quote_spanned!(span=> #a * #b), binds: Binds::Product }
            }
        })
    }

    pub fn plus(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Literal(a), Self::Literal(b)) => Self::Literal(a.checked_add(*b)?),
            (Self::Literal(0), dim) | (dim, Self::Literal(0)) => dim.clone(),
            (a, b) => {
                let span = a.or_span(b);
                let (a, b) = (a.operand(Binds::Sum, span), b.operand(Binds::Sum, span));
                Self::Expression { tokens: quote_spanned!(span=> #a + #b), binds: Binds::Sum }
            }
        })
    }

    pub fn product<'a>(dims: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        dims.into_iter().try_fold(Self::Literal(1), |product, dim| product.times(dim))
    }

    /// Beside an operator, in parentheses if it needs them.
    fn operand(&self, operator: Binds, span: Span) -> TokenStream {
        match self {
            Self::Literal(n) => {
                let mut literal = Literal::usize_unsuffixed(*n);
                literal.set_span(span);
                literal.into_token_stream()
            }
            Self::Expression { tokens, binds } if *binds < operator => quote_spanned!(span=> (#tokens)),
            Self::Expression { tokens, .. } => tokens.clone(),
        }
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
            Self::Expression { tokens, .. } => quote!({ #tokens }),
        }
    }
}

impl ToTokens for Dim {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(n) => Literal::usize_unsuffixed(*n).to_tokens(tokens),
            Self::Expression { tokens: expression, .. } => expression.to_tokens(tokens),
        }
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(n) => n.fmt(f),
            Self::Expression { tokens, .. } => f.write_str(&text(tokens)),
        }
    }
}

/// A dimension: a whole number from 1, or a `usize` const expression.
pub fn dimension(value: &TokenStream) -> Result<Dim, Mistake> {
    refuse_generated_types(value)?;
    let dim = syn::parse2::<Expr>(value.clone()).ok().and_then(|expression| evaluated(&expression));
    dim.filter(|dim| dim.literal() != Some(0)).ok_or_else(|| {
        let found = text(value);
        Mistake::new(format!("a dimension is a whole number from 1 or a const expression, found `{found}`"))
    })
}

/// Arithmetic of literals is done here, so that shapes stay numbers as long as they can; `None` for what cannot be a size.
fn evaluated(expression: &Expr) -> Option<Dim> {
    let as_it_is = |binds| Some(Dim::Expression { tokens: expression.to_token_stream(), binds });
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
        Expr::Path(path) if path.path.get_ident().is_some_and(|word| !is_name(word)) => None,
        Expr::Path(_) | Expr::Call(_) | Expr::MethodCall(_) | Expr::Index(_) | Expr::Field(_) | Expr::Macro(_) => {
            as_it_is(Binds::Atom)
        }
        Expr::Unary(unary) if !matches!(unary.op, UnOp::Neg(_)) => as_it_is(Binds::Loosely),
        Expr::Cast(_) | Expr::If(_) | Expr::Match(_) | Expr::Const(_) => as_it_is(Binds::Loosely),
        _ => None,
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
