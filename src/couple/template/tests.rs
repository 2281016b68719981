use super::*;

fn pieces(text: &str) -> Vec<Piece> {
    parse(text).unwrap().unwrap().pieces
}

fn key(side: Side, key: &str) -> TemplatePath {
    TemplatePath::Key(side, key.to_owned(), Vec::new())
}

#[test]
fn text_without_an_opening_is_no_template() {
    for text in ["", "a", "{{ .Values.x }}", "a < b % c", "${X}", "{ %}"] {
        assert_eq!(parse(text), Ok(None), "{text}");
    }
}

#[test]
fn a_dotted_path_is_plain() {
    assert_eq!(
        pieces("<% plug.config.database %>"),
        [Piece::Path(key(Side::Plug, "database"), 0..26)]
    );
    assert_eq!(
        pieces("<%socket.config['tls.ca'][0].x%>"),
        [Piece::Path(
            TemplatePath::Key(
                Side::Socket,
                "tls.ca".into(),
                vec![ValueStep::Index(0), ValueStep::Name("x".into())]
            ),
            0..32
        )]
    );
    assert_eq!(
        pieces("<% interface.version %>"),
        [Piece::Path(TemplatePath::InterfaceVersion, 0..23)]
    );
}

#[test]
fn text_and_expressions_alternate() {
    assert_eq!(
        pieces("a<% socket.name %>b<# gone #>c<%%d"),
        [
            Piece::Text("a".into()),
            Piece::Path(TemplatePath::Name(Side::Socket), 1..18),
            Piece::Text("bc<%d".into())
        ]
    );
}

#[test]
fn everything_else_is_computed() {
    for text in [
        "plug.config.a | lower",
        "1 + 1",
        "true",
        "plug.config",
        "'%>'",
        "socket.config.a-b",
        "plug.config[-1]",
    ] {
        let whole = format!("<% {text} %>");
        assert_eq!(
            pieces(&whole),
            [Piece::Computed(text.to_owned(), 0..whole.len())],
            "{text}"
        );
    }
}

#[test]
fn a_statement_makes_the_whole_text_computed() {
    assert_eq!(
        pieces("<%%{% if plug.config.a %}x{% endif %}<# c #>"),
        [Piece::Whole(
            "<% \"<%\" %>{% if plug.config.a %}x{% endif %}".into()
        )]
    );
    for text in ["a <%- plug.name %>", "{% for i in x %}<% i %>{% endfor %}"] {
        assert!(matches!(&pieces(text)[..], [Piece::Whole(_)]), "{text}");
    }
}

#[test]
fn where_expressions_alone_are_syntax_the_rest_is_text() {
    let only = |text| parse_as(text, Syntax::Expressions).map(|found| found.map(|t| t.pieces));
    assert_eq!(only("{% if x %}<# y #>"), Ok(None));
    assert_eq!(
        only("{%<% plug.object %>%}"),
        Ok(Some(vec![
            Piece::Text("{%".into()),
            Piece::Path(TemplatePath::Object, 2..19),
            Piece::Text("%}".into()),
        ]))
    );
    let name = TemplatePath::Reference(Side::Socket, "a.b".into(), ReferencePart::Name);
    assert_eq!(
        only("<% socket.refs['a.b'].name %>"),
        Ok(Some(vec![Piece::Path(name, 0..29)]))
    );
    assert_eq!(
        only("<% plug.digest %>"),
        Ok(Some(vec![Piece::Path(TemplatePath::Digest, 0..17)]))
    );
    for text in [
        "<%- plug.name %>",
        "<% socket.refs.a %>",
        "<% socket.digest %>",
    ] {
        assert_eq!(only(text).unwrap_err().span, 0..text.len(), "{text}");
    }
    assert!(parse("<% plug.digest %>").is_err() && parse("<% plug.refs.a.key %>").is_err());
}

#[test]
fn a_socket_uses_the_list_of_its_plugs_in_place_of_one() {
    let of_socket = |text: &str| parse_as(text, Syntax::SocketBind);
    for text in ["plugs", "plugs[0].config.a", "plugs | length"] {
        let whole = format!("<% {text} %>");
        let pieces = of_socket(&whole).unwrap().unwrap().pieces;
        let computed = Piece::Computed(text.to_owned(), 0..whole.len());
        assert_eq!(pieces, [computed], "{text}");
        assert!(text != "plugs" || parse(&whole).is_err());
    }
    assert_eq!(of_socket("<% plug.config.a %>").unwrap_err().span, 0..19);
    let own = of_socket("<% socket.config.a %>{# #}").unwrap().unwrap();
    let key = Piece::Path(key(Side::Socket, "a"), 0..21);
    assert_eq!(own.pieces, [key, Piece::Text("{# #}".into())]);
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (text, span) in [
        ("a<% x", 1..3),
        ("<# x", 0..2),
        ("{% if", 0..2),
        ("<%  %>", 0..6),
        ("<% plugs.config.a %>", 0..20),
        ("<% plugged.config.a %>", 0..22),
        ("<% plug.confg.a %>", 0..18),
    ] {
        assert_eq!(parse(text).unwrap_err().span, span, "{text}");
    }
}
