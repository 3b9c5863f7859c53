package number_test

import (
	"testing"

	"github.com/docsift/docsift/extract/number"
)

func TestParse(t *testing.T) {
	tests := []struct {
		code string
		want number.Format
	}{
		{"General", number.Plain},
		{`#,##0.00 "days"`, number.Plain},
		{`[Red]-0.00;\d`, number.Plain},
		{"0.0%", number.Percent},
		{"dd/mm/yyyy", number.Day},
		{"mmm", number.Day},
		{"[$-409]d mmm;@", number.Day},
		{"h:mm AM/PM", number.Clock},
		{"mm:ss", number.Clock},
		{"yyyy-mm-dd hh:mm", number.Moment},
		{"[h]:mm", number.Lasting},
		{`"unclosed`, number.Plain},
		{`\`, number.Plain},
		{"[", number.Plain},
	}
	for _, tt := range tests {
		if got := number.Parse(tt.code); got != tt.want {
			t.Errorf("%q is %v, want %v", tt.code, got, tt.want)
		}
	}
}

func TestShow(t *testing.T) {
	tests := []struct {
		name      string
		format    number.Format
		v         float64
		since1904 bool
		want      string
	}{
		{"a sum of fractions", number.Plain, 0.1 + 0.2, false, "0.3"},
		{"a large number", number.Plain, 1e20, false, "1e+20"},
		{"a share", number.Percent, 0.075, false, "7.5%"},
		{"a day", number.Day, 46143, false, "2026-05-01"},
		{"the same day where days count from 1904", number.Day, 44681, true, "2026-05-01"},
		{"a day before the one that 1900 did not have", number.Day, 1, false, "1900-01-01"},
		{"a time", number.Clock, 0.75, false, "18:00"},
		{"a moment", number.Moment, 46143.5, false, "2026-05-01 12:00"},
		{"hours of more than a day", number.Lasting, 1.5, false, "36:00"},
		{"with seconds", number.Lasting, 0.5 + 1./86400, false, "12:00:01"},
		{"no day that there is", number.Day, -1, false, "-1"},
		{"a day after all", number.Day, 1e9, false, "1000000000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.format.Show(tt.v, tt.since1904); got != tt.want {
				t.Errorf("shown as %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBuiltIn(t *testing.T) {
	for id, want := range map[int]number.Format{0: number.Plain, 9: number.Percent, 14: number.Day, 18: number.Clock, 22: number.Moment, 46: number.Lasting, 164: number.Plain} {
		if got := number.BuiltIn(id); got != want {
			t.Errorf("format %d is %v, want %v", id, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, code := range []string{"General", `[Red]"a"\;0%`, "[h]:mm", `"`} {
		f.Add(code, 1.5)
	}
	f.Fuzz(func(t *testing.T, code string, v float64) {
		if number.Parse(code).Show(v, false) == "" {
			t.Errorf("%v under %q shows nothing", v, code)
		}
	})
}
