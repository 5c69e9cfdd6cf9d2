//! `#[derive(Persist)]` for the engine's state; see `jounce::persist`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, GenericParam, Ident, Index, Member, Path, Type, Variant,
    parse_macro_input, parse_quote, spanned::Spanned,
};

/// Runs every field over the tape, in order. `#[persist(skip)]` leaves one as it is, `#[persist(with = "path")]` hands it
/// to a module that has `layout` and `run`.
#[proc_macro_derive(Persist, attributes(persist))]
pub fn persist(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    implement(input).unwrap_or_else(Error::into_compile_error).into()
}

fn implement(mut input: DeriveInput) -> Result<TokenStream, Error> {
    for parameter in &mut input.generics.params {
        if let GenericParam::Type(parameter) = parameter {
            parameter.bounds.push(parse_quote!(crate::persist::Persist));
        }
    }
    let Parts { layout, blank, run } = match &input.data {
        Data::Struct(data) => of_struct(&data.fields)?,
        Data::Enum(data) => of_enum(data.variants.iter())?,
        Data::Union(_) => return Err(Error::new(input.span(), "a union does not say what it holds")),
    };
    let (name, text) = (&input.ident, input.ident.to_string());
    let (before, after, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #before crate::persist::Persist for #name #after #bounds {
            const LAYOUT: crate::persist::Layout = crate::persist::Layout::of(#text)#layout;

            fn blank() -> Self {
                #blank
            }

            fn run(&mut self, tape: &mut crate::persist::Tape<'_>) {
                #run
            }
        }
    })
}

/// What is particular to a type.
struct Parts {
    /// Calls that add to its layout.
    layout: TokenStream,
    blank: TokenStream,
    run: TokenStream,
}

fn of_struct(fields: &Fields) -> Result<Parts, Error> {
    let (mut layout, mut run) = (TokenStream::new(), TokenStream::new());
    for (member, field) in fields.members().zip(fields) {
        let How { layout: part, run: way } = How::of(field, &member)?;
        layout.extend(part);
        run.extend(way.map(|way| quote!(#way(&mut self.#member, tape);)));
    }
    let blank = blank(&quote!(Self), fields)?;
    Ok(Parts { layout, blank, run })
}

fn of_enum<'a>(variants: impl ExactSizeIterator<Item = &'a Variant>) -> Result<Parts, Error> {
    let (mut layout, mut indices, mut blanks, mut runs) =
        (TokenStream::new(), TokenStream::new(), TokenStream::new(), TokenStream::new());
    let mut first = None;
    for (index, variant) in variants.enumerate() {
        let (name, text) = (&variant.ident, variant.ident.to_string());
        let index = u32::try_from(index).map_err(|_| Error::new(variant.span(), "too many variants"))?;
        let blank = blank(&quote!(Self::#name), &variant.fields)?;
        layout.extend(quote!(.and(#text, &crate::persist::Layout::NOTHING)));
        indices.extend(quote!(Self::#name { .. } => #index,));
        blanks.extend(quote!(#index => #blank,));
        first.get_or_insert(blank);
        let (mut bindings, mut run) = (TokenStream::new(), TokenStream::new());
        for (number, (member, field)) in variant.fields.members().zip(&variant.fields).enumerate() {
            let How { layout: part, run: way } = How::of(field, &member)?;
            let binding = format_ident!("field_{number}");
            layout.extend(part);
            bindings.extend(quote!(#member: #binding,));
            run.extend(way.map(|way| quote!(#way(#binding, tape);)));
        }
        runs.extend(quote!(Self::#name { #bindings } => { #run }));
    }
    let first = first.ok_or_else(|| Error::new(Span::call_site(), "an enum of nothing cannot be kept"))?;
    let run = quote! {
        let is = match self { #indices };
        let was = tape.variant(is);
        if was != is {
            *self = match was {
                #blanks
                _ => return tape.fail(),
            };
        }
        match self { #runs }
    };
    Ok(Parts { layout, blank: first, run })
}

/// A value of these fields, to be read over.
fn blank(path: &TokenStream, fields: &Fields) -> Result<TokenStream, Error> {
    let mut values = TokenStream::new();
    for (member, field) in fields.members().zip(fields) {
        let value = match Way::of(&field.attrs)? {
            Way::Itself => quote!(crate::persist::Persist::blank()),
            Way::Skip | Way::With(_) => quote!(Default::default()),
        };
        values.extend(quote!(#member: #value,));
    }
    Ok(quote!(#path { #values }))
}

/// How a field is kept.
struct How {
    /// What it adds to the layout.
    layout: TokenStream,
    /// The function that runs it over the tape.
    run: Option<TokenStream>,
}

impl How {
    fn of(field: &Field, member: &Member) -> Result<Self, Error> {
        let (name, ty) = (name(member), &field.ty);
        Ok(match Way::of(&field.attrs)? {
            Way::Itself => {
                Self { layout: quote!(.and(#name, &<#ty as crate::persist::Persist>::LAYOUT)), run: Some(run_of(ty)) }
            }
            Way::With(module) => {
                Self { layout: quote!(.and(#name, &#module::layout::<#ty>())), run: Some(quote!(#module::run)) }
            }
            Way::Skip => Self { layout: TokenStream::new(), run: None },
        })
    }
}

fn run_of(ty: &Type) -> TokenStream {
    quote!(<#ty as crate::persist::Persist>::run)
}

fn name(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(Index { index, .. }) => index.to_string(),
    }
}

/// What a field's attribute says.
enum Way {
    Itself,
    Skip,
    With(Path),
}

impl Way {
    fn of(attributes: &[Attribute]) -> Result<Self, Error> {
        let mut way = Self::Itself;
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("persist")) {
            attribute.parse_nested_meta(|meta| {
                let is = |name: &str| meta.path.is_ident(&Ident::new(name, Span::call_site()));
                way = if is("skip") {
                    Self::Skip
                } else if is("with") {
                    Self::With(meta.value()?.parse()?)
                } else {
                    return Err(meta.error("expected skip, or with = path"));
                };
                Ok(())
            })?;
        }
        Ok(way)
    }
}
