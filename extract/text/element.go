package text

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// attributes returns the few attributes that matter here.
func attributes(z *html.Tokenizer, more bool) map[string]string {
	var attr map[string]string
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch name := string(key); name {
		case "hidden", "style", "class", "id", "color", "text", "bgcolor", "background",
			"name", "content", "type", "value", "alt", "checked", "selected":
			if attr == nil {
				attr = map[string]string{}
			}
			attr[name] = string(value)
		}
	}
	return attr
}

func has(attr map[string]string, name string) bool {
	_, ok := attr[name]
	return ok
}

// isDropped reports whether an element holds no text of the page.
func isDropped(name atom.Atom) bool {
	switch name {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Noframes,
		atom.Noembed, atom.Iframe, atom.Object, atom.Svg, atom.Datalist:
		return true
	}
	return false
}

// isVoid reports whether an element has no end.
func isVoid(name atom.Atom) bool {
	switch name {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta,
		atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// isBlock reports whether an element stands on lines of its own.
func isBlock(name atom.Atom) bool {
	switch name {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Caption, atom.Center, atom.Dd,
		atom.Details, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hr, atom.Html, atom.Legend, atom.Li,
		atom.Main, atom.Nav, atom.Ol, atom.Option, atom.P, atom.Pre, atom.Section, atom.Summary, atom.Table, atom.Tbody,
		atom.Tfoot, atom.Thead, atom.Tr, atom.Ul:
		return true
	}
	return false
}
