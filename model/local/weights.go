package local

// weights are the numbers of the score.
type weights struct {
	Length  float64 // a phrase of n words weighs n to this power
	Title   float64 // a title weighs this many times a cue
	Against float64 // a counter-cue weighs this many times a cue
	Half    float64 // words into the text at which a phrase weighs half

	Scale   float64 // of the scores before the softmax
	Null    float64 // the score of a text that says nothing
	Outside float64 // added to the score of kinds outside every taxonomy
	Foreign float64 // added to the score of kinds of other taxonomies
	Doubt   float64 // the share of probability that no evidence can move
}

// fitted returns the weights in use. They are rounded from what coordinate descent on the log
// loss found over 462 labelled documents of 119 sources, each under its own industry, 83 under
// "default" as well, and under other industries 1,627 times, where unknown is right. A source
// weighs the root of its documents, so that no sender decides. Fitted with a fifth of the
// sources left out in turn, 97 % of the documents left out were judged right. Scale is a third
// below the best fit, which was too sure of sources that it had not seen. Boosts for the
// lines of a heading and for repetitions gained nothing beside Half.
func fitted() weights {
	return weights{
		Length: 1, Title: 2.5, Against: 0.35, Half: 800,
		Scale: 2, Null: 1.4, Outside: -2, Foreign: -1.4, Doubt: 0.01,
	}
}
