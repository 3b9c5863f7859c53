package main

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// sheet is one worksheet as data. A row's cells are text or numbers by their type.
type sheet struct {
	name   string
	widths []float64 // of columns, in characters
	rows   []sheetRow
}

type sheetRow struct {
	style rowLook
	cells []value
}

// value is a cell: money when amount is set, a plain number when count is, else text.
type value struct {
	text   string
	amount *cents
	count  *float64
}

func txt(s string) value  { return value{text: s} }
func amt(c cents) value   { return value{amount: &c} }
func num(n float64) value { return value{count: &n} }

func texts(ss ...string) []value {
	out := make([]value, len(ss))
	for i, s := range ss {
		out[i] = txt(s)
	}
	return out
}

type rowLook int

const (
	plainRow rowLook = iota
	titleRow
	headRow
	sumRow
)

// renderXLSX returns sheets as a workbook.
func renderXLSX(title string, sheets ...sheet) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	for i, s := range sheets {
		if err := addSheet(f, i, s); err != nil {
			return nil, fmt.Errorf("fill sheet %s: %w", s.name, err)
		}
	}
	when := stamped().Format("2006-01-02T15:04:05Z")
	if err := f.SetDocProps(&excelize.DocProperties{Title: title, Creator: "samplegen", Created: when, Modified: when}); err != nil {
		return nil, fmt.Errorf("set properties: %w", err)
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	parts, err := unpackZip(buf.Bytes())
	if err != nil {
		return nil, err
	}
	return packZip(parts)
}

func addSheet(f *excelize.File, index int, s sheet) error {
	if index == 0 {
		if err := f.SetSheetName("Sheet1", s.name); err != nil {
			return err
		}
	} else if _, err := f.NewSheet(s.name); err != nil {
		return err
	}
	for i, w := range s.widths {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := f.SetColWidth(s.name, name, name, w); err != nil {
			return err
		}
	}
	for r, row := range s.rows {
		if err := addRow(f, s.name, r+1, row); err != nil {
			return err
		}
	}
	return nil
}

func addRow(f *excelize.File, sheet string, r int, row sheetRow) error {
	for c, v := range row.cells {
		at, err := excelize.CoordinatesToCellName(c+1, r)
		if err != nil {
			return err
		}
		if err := setCell(f, sheet, at, v); err != nil {
			return err
		}
		style, err := f.NewStyle(look(row.style, v))
		if err != nil {
			return err
		}
		if err := f.SetCellStyle(sheet, at, at, style); err != nil {
			return err
		}
	}
	return nil
}

func setCell(f *excelize.File, sheet, at string, v value) error {
	switch {
	case v.amount != nil:
		return f.SetCellFloat(sheet, at, float64(*v.amount)/100, 2, 64)
	case v.count != nil:
		return f.SetCellFloat(sheet, at, *v.count, -1, 64)
	case v.text != "":
		return f.SetCellStr(sheet, at, v.text)
	}
	return nil
}

func look(row rowLook, v value) *excelize.Style {
	st := &excelize.Style{Font: &excelize.Font{Family: "Calibri", Size: 11}}
	if v.amount != nil {
		st.NumFmt = 4 // #,##0.00
	}
	switch row {
	case titleRow:
		st.Font.Bold, st.Font.Size = true, 14
	case headRow:
		st.Font.Bold, st.Font.Color = true, "FFFFFF"
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"2F5D62"}}
		st.Alignment = &excelize.Alignment{WrapText: true, Vertical: "center"}
	case sumRow:
		st.Font.Bold = true
		st.Border = []excelize.Border{{Type: "top", Style: 1, Color: "2F5D62"}}
	}
	return st
}
