package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os/user"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/store"
)

// keyFlags are the flags of keys create.
type keyFlags struct {
	tenant, budget, limits, expires string
	scopes                          []string
	json                            bool
}

func (p process) keysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, list and revoke API keys",
		Long: `Make, list and revoke the API keys that a server asks for, in the store that it uses: DATABASE_URL, or
the folder of DOCSIFT_DATA. A running server goes by what changes within seconds.`,
	}
	cmd.AddCommand(p.createKeyCommand(), p.listKeysCommand(), p.revokeKeyCommand())
	return cmd
}

func (p process) createKeyCommand() *cobra.Command {
	var f keyFlags
	cmd := &cobra.Command{
		Use:   "create [flags] [NAME]",
		Short: "Make a key, and print it this once",
		Example: `  docsift keys create scanner
  docsift keys create "billing team" --tenant billing --scopes classify,read --budget 25 --limits 500/m --expires 90d`,
		Args: argCount(func(n int) bool { return n <= 1 }, "at most one name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			k, err := f.key(strings.Join(args, ""), time.Now())
			if err != nil {
				return err
			}
			return p.withStore(cmd, func(ctx context.Context, s *store.Store) error {
				k, whole := access.New(k)
				if err := s.AddKey(ctx, k, operator()); err != nil {
					return err
				}
				if f.json {
					v := k.View()
					v.Key = whole
					return p.printJSON(v)
				}
				fmt.Fprintf(p.log, "The key %s of the tenant %s. Keep it well: it is shown this once.\n", k.Prefix(), k.Tenant)
				_, err := fmt.Fprintln(p.out, whole)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&f.tenant, "tenant", access.DefaultTenant, "whose documents the key is for")
	cmd.Flags().StringSliceVar(&f.scopes, "scopes", []string{string(access.Classify)}, "what it allows: classify, read, review, metrics, admin")
	cmd.Flags().StringVar(&f.budget, "budget", "", "what its requests may cost a day, in US `dollars` (default: no bound)")
	cmd.Flags().StringVar(&f.limits, "limits", "", "`requests` that it may send, such as 100/m,1000/h, or off (default: the server's)")
	cmd.Flags().StringVar(&f.expires, "expires", "", "when it ends: a `day` such as 2027-12-31, or a time from now such as 90d (default: never)")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f keyFlags) key(name string, now time.Time) (access.Key, error) {
	k := access.Key{Name: name, Tenant: f.tenant, Created: now}
	for _, s := range f.scopes {
		k.Scopes = append(k.Scopes, access.Scope(strings.TrimSpace(s)))
	}
	if err := k.Bound(f.budget, f.limits); err != nil {
		return k, err
	}
	var err error
	if k.Expires, err = expiry(f.expires, now); err != nil {
		return k, err
	}
	return k, k.Validate(now)
}

func expiry(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day, nil
	}
	if n, ok := strings.CutSuffix(s, "d"); ok {
		if days, err := strconv.ParseUint(n, 10, 16); err == nil {
			return now.AddDate(0, 0, int(days)), nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, nil, "%.40q is no end: give a day such as 2027-12-31, or a time from now such as 90d or 12h", s)
	}
	return now.Add(d), nil
}

func (p process) listKeysCommand() *cobra.Command {
	var tenant string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [flags]",
		Short: "List the keys, without their secrets",
		Args:  argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withStore(cmd, func(ctx context.Context, s *store.Store) error {
				all, err := s.Keys(ctx, tenant)
				if err != nil {
					return err
				}
				if asJSON {
					views := []access.View{}
					for _, k := range all {
						views = append(views, k.View())
					}
					return p.printJSON(views)
				}
				return p.printKeys(all)
			})
		},
	}
	cmd.Flags().StringVar(&tenant, "tenant", "", "list those of one `tenant`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (p process) printKeys(all []access.Key) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tTENANT\tSCOPES\tBUDGET\tLIMITS\tLAST USED\tENDS\tNAME")
	for _, k := range all {
		v := k.View()
		budget, limits, ends := "-", "the server's", day(k.Expires, "never")
		if v.Budget != nil {
			budget = "$" + *v.Budget + " a day"
		}
		if v.Limits != nil {
			limits = *v.Limits
		}
		if v.Revoked != nil {
			ends = "revoked " + day(k.Revoked, "")
		}
		scopes := strings.Trim(fmt.Sprint(k.Scopes), "[]")
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Prefix(), k.Tenant, scopes, budget, limits, day(k.Used, "never"), ends, cmp.Or(printable(k.Name), "-"))
	}
	return w.Flush()
}

func day(t time.Time, never string) string {
	if t.IsZero() {
		return never
	}
	return t.UTC().Format(time.DateTime) + " UTC"
}

func (p process) revokeKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "revoke KEY",
		Short:   "End a key: within five seconds no server takes it any more",
		Long:    "KEY is how the key begins, as docsift keys list shows it.",
		Example: "  docsift keys revoke ds_K7Q2M4XA",
		Args:    argCount(func(n int) bool { return n == 1 }, "one key"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withStore(cmd, func(ctx context.Context, s *store.Store) error {
				all, err := s.Keys(ctx, "")
				if err != nil {
					return err
				}
				for _, k := range all {
					if k.Prefix() == args[0] || k.ID == args[0] {
						return s.RevokeKey(ctx, k.Tenant, k.ID, operator())
					}
				}
				return fault.New(fault.NotFound, nil, "there is no key %.20q: 'docsift keys list' shows them", args[0])
			})
		},
	}
}

func (p process) auditCommand() *cobra.Command {
	var n int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "audit [flags]",
		Short: "Say who changed keys and breakers, and when",
		Args:  argCount(func(n int) bool { return n == 0 }, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withStore(cmd, func(ctx context.Context, s *store.Store) error {
				acts, err := s.Acts(ctx, "", "", n)
				if err != nil {
					return err
				}
				if asJSON {
					return p.printJSON(acts)
				}
				w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "WHEN\tWHO\tWHAT\tOF\tTENANT\tDETAIL")
				for _, a := range acts {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", day(a.At, ""), printable(a.By), a.What, printable(a.Of), a.Tenant, cmp.Or(printable(a.Detail), "-"))
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 50, "how many, the latest first")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// withStore opens the store of the settings for f.
func (p process) withStore(cmd *cobra.Command, f func(context.Context, *store.Store) error) error {
	c, err := p.config(cmd)
	if err != nil {
		return err
	}
	s, err := app.OpenStore(cmd.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer s.Close()
	return f(cmd.Context(), s)
}

// operator names who runs the command.
func operator() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "command line"
}
