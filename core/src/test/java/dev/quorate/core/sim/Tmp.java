package dev.quorate.core.sim;
import java.util.*;
final class Tmp { static void dump(History h){ Map<String,long[]> m=new TreeMap<>(); for(Operation o:h.operations){ String k=o.request.getClass().getSimpleName()+" "+o.code+" "+o.text; long[] a=m.computeIfAbsent(k,x->new long[3]); a[0]++; long d=o.returnedNs==Long.MAX_VALUE?0:(o.returnedNs-o.invokedNs)/1000; a[1]+=d; a[2]=Math.max(a[2],d);} m.forEach((k,a)->System.out.println(k+" n="+a[0]+" avg="+a[1]/a[0]+"us max="+a[2])); } }
