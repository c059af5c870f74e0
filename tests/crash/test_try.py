import sys, cProfile, pstats, io
from crash.killing import *
def test_try(file_world):
    world=file_world
    before=set(sys.modules)
    def hook():
        import atexit
        import troth.cli.main as m
        really=m.run
        def run(words):
            p=cProfile.Profile()
            try:
                p.runcall(really, words)
            finally:
                s=io.StringIO(); pstats.Stats(p,stream=s).sort_stats("tottime").print_stats(14)
                open("/tmp/prof.txt","a").write(" ".join(words)[:60]+"\nNEW "+" ".join(sorted(set(sys.modules)-before))+"\n"+s.getvalue())
        m.run=run
    open("/tmp/prof.txt","w").close()
    world.troth("erase","--as-of","2025-12-31","--yes","--residue-seconds","0","email=ana@example.org",hook=hook)
    world.troth("bundle","-o","x.bundle",hook=hook)
