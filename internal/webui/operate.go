package webui

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/plan"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/store"
)

type providersPage struct {
	Policy  string
	Models  []modelRow
	Missing []cascade.Missing
	Runs    bool
}

type modelRow struct {
	docsift.ModelStatus
	Test  string // what a test costs
	Soon  bool   // it is switched off soon, or has been
	First bool   // of its policy
}

// providers answers GET /providers.
func (u *UI) providers(w http.ResponseWriter, r *http.Request, v Viewer) {
	p := providersPage{Runs: v.Runs()}
	policy, missing := u.opts.Classifier.Policy()
	p.Policy, p.Missing = policy.Name, missing
	before := ""
	for _, m := range u.opts.Classifier.Models() {
		_, soon := price.EndsSoon(m.EndsOn, time.Now())
		row := modelRow{m, "an amount that is not known", soon, m.Policy != before}
		if c := u.opts.Classifier.ProbeCost(m.Model); c.Known {
			row.Test = "about " + money(c)
		}
		if m.Provider == "local" || m.Provider == "" {
			row.Test = "nothing"
		}
		p.Models, before = append(p.Models, row), m.Policy
	}
	u.show(w, r, v, page{file: "providers.html", title: "Providers", main: p})
}

type planPage struct {
	Query    map[string]string
	Policies []choice
	Tiers    []choice
	Stages   []cascade.Stage
	Plan     *plan.Plan
	Problem  string
}

// planner answers GET /planner.
func (u *UI) planner(w http.ResponseWriter, r *http.Request, v Viewer) {
	q := r.URL.Query()
	p := planPage{Query: make(map[string]string)}
	for name, usual := range map[string]string{"docs": "100000", "policy": "", "tier": "1", "chars": "4000", "output": "20", "hours": "24", "notext": "0", "load": "65"} {
		if p.Query[name] = q.Get(name); p.Query[name] == "" {
			p.Query[name] = usual
		}
	}
	p.Policies = u.policyChoices(p.Query["policy"])
	p.Tiers = pick(p.Query["tier"], "1", "2", "3", "4", "5")
	status := 0
	if err := u.foresee(&p, q); err != nil {
		p.Problem, status = fault.Message(err), http.StatusBadRequest
	}
	for name, v := range p.Query { // a browser complains of a number that is none
		if _, err := strconv.ParseFloat(v, 64); err != nil && name != "policy" {
			p.Query[name] = ""
		}
	}
	u.show(w, r, v, page{"planner.html", "Planner", status, p})
}

// foresee makes the plan that a form asks for.
func (u *UI) foresee(p *planPage, q url.Values) error {
	policy, err := u.opts.Classifier.PolicyNamed(p.Query["policy"])
	if err != nil {
		return err
	}
	p.Stages = policy.Stages
	for _, s := range policy.Stages {
		p.Query["mix_"+s.Name] = q.Get("mix_" + s.Name)
	}
	o, err := planOptions(p.Query, q, policy)
	if err != nil {
		return err
	}
	o.Prompt = plan.PromptTokens(u.opts.Classifier.Taxonomy())
	out, err := plan.New(policy, o)
	if err != nil {
		return err
	}
	p.Plan = &out
	return nil
}

func planOptions(form map[string]string, q url.Values, policy cascade.Policy) (o plan.Options, err error) {
	tier := 0
	for name, to := range map[string]*int{"docs": &o.Docs, "chars": &o.Text, "output": &o.Output, "hours": &o.Hours, "tier": &tier} {
		if *to, err = strconv.Atoi(form[name]); err != nil {
			return o, fault.New(fault.Invalid, nil, "%s: %.20q is no whole number", name, form[name])
		}
	}
	if tier < 1 || tier > 5 {
		return o, fault.New(fault.Invalid, nil, "tiers are 1 to 5")
	}
	if o.NoText, err = share("without text", form["notext"]); err != nil {
		return o, err
	}
	if o.Load, err = share("of a limit", form["load"]); err != nil {
		return o, err
	}
	o.Limits, o.Batch = price.Builtin().Tier(tier), q.Get("batch") != ""
	for _, s := range policy.Stages {
		given := form["mix_"+s.Name]
		if given == "" {
			continue
		}
		if o.Answers == nil {
			o.Answers = make(map[string]float64)
		}
		if o.Answers[s.Name], err = share("answered by "+s.Name, given); err != nil {
			return o, err
		}
	}
	return o, nil
}

// share reads a number of percent.
func share(of, text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0 && v <= 100) {
		return 0, fault.New(fault.Invalid, nil, "share %s: %.20q is no number from 0 to 100", of, text)
	}
	return v / 100, nil
}

type keysPage struct {
	Keys   []access.View
	Acts   []store.Act
	Scopes []access.Scope
	Mine   string // the viewer's own
	More   string // the address of what was done before
}

// keys answers GET /keys.
func (u *UI) keys(w http.ResponseWriter, r *http.Request, v Viewer) {
	const acts = 30
	p := keysPage{Scopes: access.Scopes(), Mine: v.Key}
	all, err := u.opts.Store.Keys(r.Context(), v.Tenant)
	if err == nil {
		p.Acts, err = u.opts.Store.Acts(r.Context(), v.Tenant, clean(r.URL.Query().Get("before")), acts)
	}
	if err != nil {
		u.Deny(w, r, v, fault.KindOf(err).HTTPStatus(), fault.Message(err))
		return
	}
	for _, k := range all {
		p.Keys = append(p.Keys, k.View())
	}
	if len(p.Acts) == acts {
		p.More = fmt.Sprintf("?before=%s", p.Acts[acts-1].ID)
	}
	u.show(w, r, v, page{file: "keys.html", title: "Keys", main: p})
}
