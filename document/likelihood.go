package document

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// minLikelihood is what a text must reach at least: noise stays below.
const minLikelihood = 0.25

// likelihood says how much sense a text makes, judged by its characters beyond ASCII: about
// 1 for words of a language, below 0 for what the wrong encoding made of them.
func likelihood(text []rune) float64 {
	letters := alphabetOf(text)
	var sum float64
	n, last := 0, ' '
	for i, r := range text {
		if r >= utf8.RuneSelf {
			next := ' '
			if i+1 < len(text) {
				next = text[i+1]
			}
			sum += sense(last, r, next, letters)
			n++
		}
		last = r
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// alphabets lists the letters beyond ASCII of some languages, those of the West first.
func alphabets() [14]string {
	return [...]string{
		"àâçéèêëîïôùûüÿœæ", "äöüß", "áéíóúüñ", "àèéìòù", "áâãàçéêíóôõú", "åäöéüæø", "áðéíóúýþæö", "àçéèíïóòúü",
		"ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž",
	}
}

// alphabetOf returns the alphabet that has the most of the accented letters in text.
func alphabetOf(text []rune) string {
	const end = 0x250
	var count [end]int
	for _, r := range text {
		if r >= 0xC0 && r < end {
			if r = unicode.ToLower(r); r < end {
				count[r]++
			}
		}
	}
	best, most := "", 0
	for _, letters := range alphabets() {
		n := 0
		for _, r := range letters {
			if r < end {
				n += count[r]
			}
		}
		if n > most {
			best, most = letters, n
		}
	}
	return best
}

// sense weighs a character between its neighbours; letters is the alphabet of the text.
func sense(last, r, next rune, letters string) float64 {
	switch {
	case r < 0xA0:
		return -8 // a control character
	case r < 0x250:
		return senseLatin(last, r, next, letters)
	case r < 0x370:
		return -1
	case r < 0x530:
		return senseAlphabet(last, r, next)
	case r >= 0x2010 && r <= 0x2044, r == '€', r == '™', r == '№':
		return sensePunctuation(last, r, next)
	case r >= 0x2500 && r < 0x25A0: // frames of DOS
		return -0.1
	case r >= 0x3000 && r < 0x3020, r >= 0xFF01 && r < 0xFF60:
		return 0.5
	}
	return senseEastern(last, r, next)
}

// senseLatin weighs letters with accents: they stand in words, alone among plain ones.
func senseLatin(last, r, next rune, letters string) float64 {
	if !isAccented(r) {
		return senseSymbol(last, r, next)
	}
	switch {
	case isForeign(last), isForeign(next), isPlain(last) && last >= 'a' && isUpper(r):
		return -1
	case isAccented(last) && isAccented(next):
		return -0.3
	case isAccented(last), isAccented(next):
		return 0.4
	case !isPlain(last) && !isPlain(next): // alone, as in "à"
		return 0.5
	case r == 'õ' && next != 'e': // as "ões" ends words in Portuguese
		return 0.3
	case strings.ContainsRune(letters, unicode.ToLower(r)):
		return 1
	}
	return 0.2
}

func senseSymbol(last, r, next rune) float64 {
	switch {
	case r == '\u00A0':
		return 0.8
	case isPlain(last) && isPlain(next), isAccented(last), isAccented(next):
		return -1
	case strings.ContainsRune("£§°½¼¾«»©®·¡¿º\u00AD", r):
		return 0.5
	}
	return -0.2
}

// sensePunctuation weighs quotes, dashes and signs: of these, only the apostrophe and
// dashes stand between letters.
func sensePunctuation(last, r, next rune) float64 {
	if r != '’' && r != '–' && r != '—' && isLetter(last) && isLetter(next) {
		return -1
	}
	return 0.6
}

// senseAlphabet weighs Greek and Cyrillic, whose capitals begin words.
func senseAlphabet(last, r, next rune) float64 {
	switch {
	case !isForeign(r), isPlain(last), isPlain(next), isAccented(last), isAccented(next):
		return -1
	case isUpper(r) && isForeign(last) && !isUpper(last):
		return -1
	case !isForeign(last) && !isForeign(next): // alone
		return 0.3
	case r < 'Ё' && r >= 'ώ', r > 'ё':
		return 0.3 // letters of smaller languages
	case isUpper(r) && isUpper(last):
		return 0.7
	}
	return 1
}

// senseEastern weighs the scripts of thousands of characters: the wrong encoding makes rare
// ones of the frequent ones.
func senseEastern(last, r, next rune) float64 {
	switch {
	case r == utf8.RuneError, r >= 0xE000 && r < 0xF900, r >= 0x10FFFE, r == '\uFEFF':
		return -8
	case isPlain(last) && isPlain(next):
		return -0.5
	case r >= 0x3041 && r <= 0x30FF: // kana
		return 1
	case r >= 0xFF61 && r <= 0xFF9F: // narrow kana
		return -0.2
	case r >= 0xAC00 && r <= 0xD7A3:
		if strings.ContainsRune(frequentHangul, r) {
			return 1.3
		}
		return 0.4
	case r >= 0x4E00 && r <= 0x9FFF:
		if strings.ContainsRune(frequentHan, r) {
			return 1.3
		}
		return 0.4
	}
	return -0.5
}

func isPlain(r rune) bool    { return r|0x20 >= 'a' && r|0x20 <= 'z' }
func isAccented(r rune) bool { return r >= 0xC0 && r < 0x250 && r != '×' && r != '÷' }
func isForeign(r rune) bool {
	return r >= 0x386 && r < 0x530 && r != 0x387 && (r < 0x482 || r > 0x489)
}
func isLetter(r rune) bool { return isPlain(r) || isAccented(r) || isForeign(r) }

// isUpper is unicode.IsUpper, quick for the alphabets that matter here.
func isUpper(r rune) bool {
	switch {
	case r >= 0x410 && r < 0x450:
		return r < 0x430
	case r >= 0x391 && r < 0x3CF:
		return r < 0x3AA
	}
	return unicode.IsUpper(r)
}

// The characters that texts are mostly made of, in simplified and traditional Chinese, in
// Japanese and in Korean.
const (
	frequentHan = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日" +
		"者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应文体政美相见被利什二等产或新己制身果加西月话合回特代内信表化老给世位次度门任先海通教原东提及比员解水名真处走各入几口认条平系气" +
		"题更别女数安少报才结反受目总电何收务期市元额号银款付费单合同付账户" +
		"這個們來為國說時會對過發後裡種經麼學沒動還進樣開從實無與長機關點業將兩間問應體見產話給門東員處認條係氣題別數報結總電單號銀帳戶額" +
		"日本者会社株式様御中月分出金円合計請求書番号契約保険料申込氏住所電話田山東京都県区町市県社東行銀支店座払済込込間時前後今方私何彼見思言話聞書読食飲買売店駅車"
	frequentHangul = "이다는의에을를가고하지은로기도서사한나대인자리시어아일해그수정부제들과있으보주라전만스구게성원장상공여조용금을년월일호신청계약보험번주소성명은행회사급합과관련및등것했니습요안내안무유모적자세비치터우러오"
)
